import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { poll, systemClock } from '@slipway/kernel';
import type { BundleResult } from '../support/action.ts';
import { answeredVersion, type SmallStack, startSmallStack } from '../support/small-stack.ts';

/* What somebody did to containers by hand neither fails a rollback nor goes unseen. */

let stack: SmallStack;

beforeAll(async () => {
  stack = await startSmallStack();
  await Promise.all([stack.build('1.0.0'), stack.build('2.0.0')]);
  await stack.compose('up', '--detach', 'nginx');
  await stack.edit('.github/slipway.yml', [/\/web}/g, '/web, stable-for: 0s, drain-timeout: 5s}']);
  expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, errors: [] });
}, 180_000);
afterAll(() => stack?.stop(), 60_000);

const rollBackOwn = (version: string, runId: string): Promise<BundleResult> =>
  stack.rollBack(runId, { inputs: { to: 'own', version } });

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const { signal } = new AbortController();
  const wait = { clock: systemClock, signal, intervalMs: 100, timeoutMs: 60_000, during: what };
  const polled = await poll(wait, async () =>
    (await isTrue()) ? { done: true, value: true } : { done: false, seen: 'not yet' },
  );
  expect(polled).toMatchObject({ ok: true });
}

async function inspect(container: string, format: string): Promise<string> {
  return (await stack.docker('inspect', '--format', format, container)).trim();
}

test('what crashed long ago, and serves, is no crash loop in a rollback', async () => {
  const [web = ''] = await stack.containers('web');
  for (const count of ['1', '2']) {
    process.kill(Number(await inspect(web, '{{.State.Pid}}')), 'SIGKILL');
    await until('the restart', async () => {
      return (await inspect(web, '{{.RestartCount}} {{.State.Running}}')) === `${count} true`;
    });
  }
  const failed = await stack.rollOut('2.0.0', '2', { provenBy: 'promote', failOn: '--scale api=' });
  expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  const back = await rollBackOwn('2.0.0', '2');
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(await stack.containers('web')).toEqual([web]);
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
}, 180_000);
