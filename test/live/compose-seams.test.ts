import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execOrThrow } from '@slipway/test-services';
import { answeredVersion, type SmallStack, startSmallStack } from '../support/small-stack.ts';

/* What a project has besides the release that is rolled out, and what it can do without. */

let stack: SmallStack;

beforeAll(async () => {
  stack = await startSmallStack();
  await Promise.all([stack.build('1.0.0'), stack.build('2.0.0')]);
  await stack.edit('compose.yml', [
    / {4}stop_grace_period/g,
    '    pull_policy: always\n    stop_grace_period',
  ]);
  await stack.edit('.github/slipway.yml', [/\/web}/g, '/web, stable-for: 0s, drain-timeout: 5s}']);
  await stack.compose('up', '--detach', 'nginx');
  expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, errors: [] });
}, 180_000);

afterAll(() => stack?.stop(), 60_000);

test('a service that the Compose files scale to zero is refused before anything is changed', async () => {
  const undo = await stack.edit('compose.yml', ['environment', 'deploy: {replicas: 0}\n    environment']);
  const refused = await stack.rollOut('2.0.0', '2', { provenBy: 'promote' });
  await undo();
  expect(refused).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
  expect(refused.errors.join()).toContain(
    'service "web" has deploy.replicas: 0, so no container of the new version would run; set 1 or more',
  );
});

test('a service that the release does not have any more is named, with the command that removes it', async () => {
  const undo = await stack.edit('.github/slipway.yml', [/ {2}api: {image.*\n/, ''], [', api: 3000', '']);
  const passed = await stack.rollOut('2.0.0', '3', { provenBy: 'promote', services: ['web'] });
  await undo();
  const left = `api (${stack.project}-api-1) of 1.0.0 still runs, and 2.0.0 does not have it.`;
  expect(passed).toMatchObject({ code: 0, outputs: { summary: expect.stringContaining(left) } });
  const [warning = ''] = /^::warning title=Services of 1\.0\.0 are left::.*$/m.exec(passed.stdout) ?? [];
  expect(warning).toContain(left);
  expect(warning).toContain(`docker stop ${stack.project}-api-1 && docker rm ${stack.project}-api-1`);
  expect(await stack.rollBack('3')).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
}, 60_000);

/** Removes from a register what an earlier Slipway did not write: the labels that say whose it is. */
async function forgetOwner(): Promise<void> {
  const listed = await stack.docker('volume', 'ls', '--quiet', '--filter', 'label=dev.slipway.register');
  const own = new RegExp(`^slipway-${stack.project}-.*-state-`);
  for (const name of listed.split('\n').filter((one) => own.test(one))) {
    const json = await stack.docker('volume', 'inspect', '--format', '{{json .Labels}}', name);
    const labels = Object.entries(JSON.parse(json) as Record<string, string>);
    const earlier = labels.filter(([key]) => !/\.(app|project|environment)$/.test(key));
    expect(earlier).toHaveLength(labels.length - 3);
    await stack.docker('volume', 'rm', name);
    const flags = earlier.flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    await stack.docker('volume', 'create', ...flags, name);
  }
}

test.each([
  ['as it is written now', async () => undefined],
  ['as an earlier Slipway wrote it', forgetOwner],
])(
  'another environment of the same project is refused, with a way out: its state is %s',
  async (_, prepare) => {
    await prepare();
    const release = { inputs: { environment: 'staging' } };
    const refused = await stack.rollOut('2.0.0', '4', release);
    expect(refused).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
    expect(refused.errors.join()).toContain(
      `Compose project "${stack.project}" runs api, web of small in production (1.0.0): a release of small in staging would replace it`,
    );
    expect(refused.stdout).toContain('Set compose.project for the environment "staging" to a name');
    expect(refused.stdout).toMatch(/delete that state: docker volume rm \$\(docker volume ls .*-state\)/);
    const plan = await stack.rollOut('2.0.0', '4', { inputs: { ...release.inputs, 'dry-run': 'true' } });
    expect(plan).toMatchObject({ code: 1, errors: refused.errors });
    expect(await answeredVersion(stack.web)).toBe('1.0.0');
    // What was refused does not hold up production.
    expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
  },
  60_000,
);

test('a rollback starts the images of the engine while the registry is down, whatever pull_policy says', async () => {
  expect(await stack.rollOut('2.0.0', '5', { provenBy: 'promote' })).toMatchObject({ code: 0 });
  await stack.registry.stop();
  const back = await stack.rollBack('5');
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed', restored: '1.0.0' } });
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
}, 120_000);

test('the other environment may be deployed once the state is deleted as the message says', async () => {
  const plan = () => stack.rollOut('2.0.0', '6', { inputs: { environment: 'staging', 'dry-run': 'true' } });
  const [, command = ''] =
    /delete that state: (docker volume rm \$\([^)]*\))/.exec((await plan()).stdout) ?? [];
  await execOrThrow('delete the state', ['sh', '-c', command], { env: stack.engine.env });
  expect(await plan()).toMatchObject({ code: 0, errors: [] });
}, 60_000);
