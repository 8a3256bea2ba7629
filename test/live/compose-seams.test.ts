import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

test('a rollback starts the images of the engine while the registry is down, whatever pull_policy says', async () => {
  expect(await stack.rollOut('2.0.0', '3', { provenBy: 'promote' })).toMatchObject({ code: 0 });
  await stack.registry.stop();
  const back = await stack.rollBack('3');
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed', restored: '1.0.0' } });
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
}, 120_000);
