import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProber } from '../../demo/prober.ts';
import { answeredVersion, type SmallStack, startSmallStack } from '../support/small-stack.ts';

let stack: SmallStack;

beforeAll(async () => {
  stack = await startSmallStack();
  await stack.build('1.0.0');
  await stack.build('2.0.0');
  await stack.build('2.1.0', 'crash');
  await stack.build('2.2.0', 'gives-up');
  await stack.build('2.3.0', 'slow');
  await stack.build('2.4.0', 'dies');
  await stack.compose('up', '--detach', 'nginx');
  expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, errors: [] });
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

describe('a service without a health check', () => {
  test.each([
    ['crashes at start', '2.1.0', 'keeps crashing at start', 'REDIS_URL is not set', 0],
    ['never listens and gives up after 6 s', '2.2.0', 'keeps crashing at start', 'waiting for the cache', 0],
    // What it was answering when it died is lost with it.
    ['listens and dies after 6 s', '2.4.0', 'api-', 'out of file handles', 2],
  ])(
    '%s: no other request is lost, and the old version is seen to serve',
    async (_, bad, reason, log, inFlight) => {
      const probers = [startProber(stack.api, 20), startProber(stack.web, 10)];
      const run = await stack.rollOut(bad, bad, { provenBy: 'promote' });
      const reports = await Promise.all(probers.map((prober) => prober.stop()));
      expect(run).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
      expect(run.errors[0]).toContain(reason);
      expect(run.errors[0]).toContain(log);
      expect(run.errors[0]).toContain(
        'old version still serving: yes, 1/1 routed by the proxy and listening',
      );
      const [ofApi, ofWeb] = reports;
      expect(ofApi?.failed).toBeLessThanOrEqual(inFlight);
      expect(ofWeb?.kinds).toEqual({});
      expect(await stack.containers('api', true)).toHaveLength(1);
      expect([await answeredVersion(stack.api), await answeredVersion(stack.web)]).toEqual([
        '1.0.0',
        '1.0.0',
      ]);
      expect(await stack.rollBack(bad)).toMatchObject({ code: 0 });
    },
    180_000,
  );

  test('listens after 12 s: no request is lost, and it serves', async () => {
    const prober = startProber(stack.api, 20);
    const run = await stack.rollOut('2.3.0', '23', { provenBy: 'promote' });
    const report = await prober.stop();
    expect(run).toMatchObject({ code: 0, errors: [] });
    expect(report.kinds).toEqual({});
    expect(await answeredVersion(stack.api)).toBe('2.3.0');
    expect(await stack.rollBack('23')).toMatchObject({ code: 0 });
    expect(await answeredVersion(stack.api)).toBe('1.0.0');
  }, 180_000);
});
