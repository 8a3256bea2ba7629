import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answeredVersion, type SmallStack, startSmallStack } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

/* A project that somebody started by hand, and the first releases of it, which all fail. */

let stack: SmallStack;

beforeAll(async () => {
  stack = await startSmallStack();
  await stack.build('1.0.0');
  await stack.build('2.0.0');
  await stack.build('2.1.0', 'crash');
  await stack.compose('up', '--detach');
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

const failOn = 'nginx -s reload';

test('what ran before Slipway comes back, although a release before failed and could not be rolled back', async () => {
  const first = await stack.rollOut('2.0.0', '1', { provenBy: 'promote', failOn });
  expect(first).toMatchObject({ code: 1, outputs: { outcome: 'failed', changed: 'true' } });
  expect(await stack.rollBack('1', { failOn })).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });

  // The machine of the first run is gone; the next release finds its containers and those of before.
  const second = await stack.rollOut('2.1.0', '2', { provenBy: 'promote', inputs: { 'take-over': 'true' } });
  expect(second).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  expect(second.outputs.summary).toContain(
    '2.0.0, which an earlier run left unfinished, was rolled back first: what ran before serves again.',
  );
  const back = await stack.rollBack('2');
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed', restored: '' } });
  expect(back.outputs.summary).not.toContain('proven');

  for (const url of [stack.api, stack.web])
    expect(await until(async () => (await answeredVersion(url)) === '1.0.0')).toBe(true);
  for (const service of ['api', 'web']) {
    const running = await stack.containers(service, true);
    expect(running).toHaveLength(1);
    const [name = ''] = running;
    expect(await stack.docker('inspect', '--format', '{{.Config.Env}}', name)).toContain('VERSION=1.0.0');
  }
}, 240_000);
