import { expect, test } from '@jest/globals';
import { parseState } from '@slipway/release';
import { stringify } from 'yaml';
import { runBundle } from '../support/action.ts';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, service } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { gitRepository } from '../support/git-repository.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});

test('twenty rollouts that start at once begin exactly one release', async () => {
  const kubernetes = { namespace: namespace.name, manifests: ['k8s'], kubeconfig: cluster.kubeconfig };
  const repository = gitRepository();
  try {
    const image = `${cluster.registry}/web`;
    repository.commit(
      {
        '.github/slipway.yml': stringify({ app: 'web', services: { web: { image } }, kubernetes }),
        'k8s/web.yaml': deployment(image),
        'k8s/service.yaml': service,
      },
      'v1.0.0',
    );
    const rollout = (id: number) =>
      runBundle('rollout', {
        inputs: {
          environment: 'test',
          version: '1.0.0',
          images: `web=${cluster.images.one}`,
          'proven-by': 'promote',
        },
        env: { GITHUB_RUN_ID: String(id), GITHUB_RUN_ATTEMPT: '1' },
        workspace: repository.dir,
      });
    const results = await Promise.all(Array.from({ length: 20 }, (_, at) => rollout(100 + at)));
    const outcomes = results.map(({ outputs }) => outputs.outcome);
    expect(outcomes.filter((outcome) => outcome === 'passed')).toHaveLength(1);
    const refused = results.filter(({ outputs }) => outputs.outcome === 'refused');
    expect(refused).toHaveLength(19);
    for (const { errors } of refused)
      expect(errors[0]).toMatch(/the target is locked by run 1\d\d, attempt 1/);

    const state = parseState((await namespace.platform.store.state.read())?.text ?? '', 'web', 'test');
    expect(state.releases).toMatchObject([{ version: '1.0.0', phase: 'serving' }]);
  } finally {
    repository.remove();
  }
}, 300_000);
