import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { poll, systemClock } from '@slipway/kernel';
import type { BundleResult } from '../support/action.ts';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';

/* What somebody did to containers by hand neither fails a rollback nor goes unseen. */

let stack: SmallStack;
let open: Socket | undefined;

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0');
  await stack.edit('.github/slipway.yml', [/\/web}/g, '/web, stable-for: 0s, drain-timeout: 5s}']);
  expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, errors: [] });
}, 180_000);
afterEach(() => {
  open?.destroy();
});
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

/** Starts a container again, at another address: other containers have it and all lower ones by then. */
async function move(container: string): Promise<void> {
  const image = await inspect(container, '{{.Image}}');
  await stack.docker('stop', container);
  const label = `com.docker.compose.project=${stack.project}`;
  for (let count = 0; count < 5; count++)
    await stack.docker('run', '--detach', '--network', `${stack.project}_default`, '--label', label, image);
  await stack.docker('start', container);
}

async function inspect(container: string, format: string): Promise<string> {
  return (await stack.docker('inspect', '--format', format, container)).trim();
}

/** Ends the program of a container that the engine starts again, and was started again so often before. */
async function crash(container: string, restarts: number): Promise<void> {
  let pid = 0;
  await until('the process', async () => {
    const [count, of] = (await inspect(container, '{{.RestartCount}} {{.State.Pid}}')).split(' ').map(Number);
    pid = of ?? 0;
    return count === restarts && pid > 0;
  });
  process.kill(pid, 'SIGKILL');
  await until('the restart', async () => {
    const [count, running] = (await inspect(container, '{{.RestartCount}} {{.State.Pid}}'))
      .split(' ')
      .map(Number);
    return count === restarts + 1 && running !== 0 && running !== pid;
  });
}

test('what crashed long ago, and serves, does not count as a crash loop in a rollback', async () => {
  const [web = ''] = await stack.containers('web');
  for (const restarts of [0, 1]) await crash(web, restarts);
  const failed = await stack.rollOut('2.0.0', '2', { provenBy: 'promote', failOn: '--scale api=' });
  expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  const back = await rollBackOwn('2.0.0', '2');
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(await stack.containers('web')).toEqual([web]);
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
}, 180_000);

test('an old container that is removed while it drains is as good as stopped', async () => {
  expect(await stack.rollOut('2.0.0', '3', { provenBy: 'promote' })).toMatchObject({ code: 0 });
  const [old = ''] = await stack.containers('web');
  open = connect(Number(new URL(stack.web).port), '127.0.0.1').on('error', () => {});
  open.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
  const rolling = rollBackOwn('2.0.0', '3');
  await until('the switch', async () => {
    const loaded = /^# Loaded by .*$/m.exec(await stack.upstream('web'))?.[0] ?? old;
    return !loaded.includes(old);
  });
  await stack.docker('rm', '--force', old);
  expect(await rolling).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back' } });
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
}, 180_000);

test('a proxy that is stopped, or routes to what is gone, is said and repaired', async () => {
  const repair = async (why: string): Promise<void> => {
    const status = await stack.rollBack('5', { inputs: { mode: 'status' } });
    expect(status.outputs.summary).toContain(why);
    expect(JSON.parse(status.outputs.status ?? '')).toMatchObject({ provenServes: false });
    const again = await stack.rollBack('5', { inputs: { to: '1.0.0' } });
    expect(again).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back' } });
    expect(await answeredVersion(stack.web)).toBe('1.0.0');
  };
  await stack.docker('stop', '--time', '1', `${stack.project}-nginx-1`);
  await repair(', but the proxy service "nginx" does not run');
  const [web = ''] = await stack.containers('web');
  await move(web);
  await repair(` (${web}), where no container of it runs`);
}, 180_000);

test('the new containers keep the traffic when an old one cannot be stopped', async () => {
  const failed = await stack.rollOut('2.0.0', '4', { provenBy: 'promote', failOn: 'stop ' });
  expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  expect(failed.errors[0]).toMatch(
    /^api 2\.0\.0 was not rolled out: cannot stop \S+-api-\d+: .*old version still serving: no/,
  );
  expect(await answeredVersion(stack.api)).toBe('2.0.0');
  expect(await rollBackOwn('2.0.0', '4')).toMatchObject({ code: 0, outputs: { reason: 'rolled-back' } });
  expect(await answeredVersion(stack.api)).toBe('1.0.0');
}, 180_000);
