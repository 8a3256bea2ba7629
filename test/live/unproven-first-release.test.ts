import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

/* A first release that serves and that nobody proved. */

let stack: SmallStack;

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0');
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

const serves = (version: string): Promise<boolean> =>
  until(async () => (await answeredVersion(stack.web)) === version);

test('it is removed by its own run only, and replaced by the next release', async () => {
  const inputs = { 'take-over': 'true' };
  const first = await stack.rollOut('1.0.0', '1', { provenBy: 'promote' });
  expect(first).toMatchObject({ code: 0, errors: [] });
  const other = await stack.rollBack('2', { inputs });
  expect(other).toMatchObject({ code: 1, outputs: { outcome: 'refused', reason: 'refused' } });
  expect(other.errors[0]).toContain('1.0.0 belongs to another run, and nothing was proven before it');
  expect(await serves('1.0.0')).toBe(true);

  const next = await stack.rollOut('2.0.0', '3', { provenBy: 'promote', inputs });
  expect(next).toMatchObject({ code: 0, errors: [] });
  expect(next.outputs.summary).toContain('nothing was proven before it that could serve again');
  expect(await serves('2.0.0')).toBe(true);

  const own = await stack.rollBack('3');
  expect(own).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed', restored: '' } });
  expect(own.outputs.summary).toMatch(
    /^2\.0\.0 was removed again in .*: nothing that was proven ran before it/,
  );
  expect(own.outputs.summary).not.toContain('0/0');
  expect(await stack.containers('web', true)).toEqual([]);
}, 240_000);
