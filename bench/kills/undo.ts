import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { execOrThrow } from '@slipway/test-services';
import type { Stage } from '../../demo/stage.ts';

/** Brings the images of a version into service without Slipway, and returns when the platform says that it is done. */
export type Undo = (version: string) => Promise<void>;

/** `docker compose up -d` with the tags of the version. */
export function composeUp({ dir, registry, project, repository, engine, settings, secrets }: Stage): Undo {
  return async (version) => {
    const override = path.join(dir, 'tags.json');
    const image = (service: string) => ({ image: `${registry}/docsense-${service}:${version}` });
    const services = { backend: image('backend'), frontend: image('frontend') };
    await writeFile(override, JSON.stringify({ services }));
    const files = ['--file', 'docker-compose.prod.yml', '--file', override];
    const up = ['up', '--detach', '--no-deps', 'backend', 'frontend'];
    const env = { ...engine.env, ...settings, ...secrets };
    const argv = ['docker', 'compose', '--project-name', project, ...files, ...up] as const;
    await execOrThrow('run docker compose up', [...argv], { cwd: repository.dir, env });
  };
}

/** `kubectl rollout undo` and `kubectl rollout status`. It goes back by one revision, whatever that is. */
export function rolloutUndo(kubeconfig: string, namespace: string): Undo {
  return async () => {
    const kubectl = ['kubectl', `--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, 'rollout'] as const;
    const names = ['deployment/backend', 'deployment/frontend'];
    await execOrThrow('undo the rollout', [...kubectl, 'undo', ...names]);
    for (const name of names) await execOrThrow('wait', [...kubectl, 'status', name, '--timeout=120s']);
  };
}
