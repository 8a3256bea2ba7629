import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Lease, parseLease } from '@slipway/release';
import type { BundleResult } from '../support/action.ts';
import { type SmallStack, startStackWith } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

/* Jobs of one run that look at a release at the same time, as bundles against a real engine. */

let stack: SmallStack;
/** Does not answer its first request until the end of the test. */
const withheld: ServerResponse[] = [];
let requests = 0;
const server = createServer((_, response) => {
  if (requests++ === 0) withheld.push(response);
  else response.end('ok');
}).listen(0, '127.0.0.1');

beforeAll(async () => {
  stack = await startStackWith('1.0.0');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await stack.edit(
    '.github/slipway.yml',
    [/\/web}/g, '/web, stable-for: 0s, drain-timeout: 1s}'],
    [/$/, `smoke: {base: "${stack.web}", checks: [{name: page, url: "${url}"}]}\n`],
  );
}, 240_000);
afterAll(async () => {
  for (const response of withheld) response.end();
  server.close();
  await stack?.stop();
}, 60_000);

async function lease(): Promise<Lease | null> {
  return parseLease((await (await stack.store()).lease.read())?.text ?? '');
}

test('another job and another job of the same matrix pass while one holds the lease', async () => {
  const rolledOut = await stack.rollOut('1.0.0', '7', {
    provenBy: 'promote',
    env: { GITHUB_JOB: 'release', RUNNER_NAME: 'runner 1' },
  });
  expect(rolledOut).toMatchObject({ code: 0, errors: [] });
  const smoke = (job: string, runner: string): Promise<BundleResult> =>
    stack.run('smoke-test', {
      inputs: { release: rolledOut.outputs.release ?? '' },
      env: { GITHUB_RUN_ID: '7', GITHUB_JOB: job, RUNNER_NAME: runner },
    });

  const first = smoke('smoke', 'runner 1');
  await until(() => withheld.length === 1);
  const held = await lease();
  expect(held).toMatchObject({ idle: false, holder: { run: '7', job: 'smoke' } });
  for (const other of [smoke('other', 'runner 2'), smoke('smoke', 'runner 3')]) {
    const found = await other;
    expect(found).toMatchObject({ code: 0, outputs: { outcome: 'passed' }, errors: [] });
    expect(found.stdout).toContain('another job of this run renews the lease of the target');
  }
  expect((await lease())?.fence).toBe(held?.fence);

  for (const response of withheld) response.end('ok');
  expect(await first).toMatchObject({ code: 0, errors: [] });
  expect(await lease()).toMatchObject({ idle: true, fence: held?.fence, holder: { runner: 'runner 1' } });
}, 120_000);
