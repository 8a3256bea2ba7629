import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';

let stack: SmallStack;

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0');
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

test('a service that a release added is removed once the others are back, and not before', async () => {
  const withApi = await stack.edit('.github/slipway.yml', [/ {2}api: .*\n/, ''], [', api: 3000', '']);
  const before = await stack.rollOut('1.0.0', '1', { services: ['web'] });
  expect(before).toMatchObject({ code: 0, errors: [] });
  await withApi();
  const added = await stack.rollOut('2.0.0', '2', { provenBy: 'promote' });
  expect(added).toMatchObject({ code: 0, errors: [] });

  const halfWay = await stack.rollBack('2', { failOn: '--scale web=' });
  expect(halfWay).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });
  expect(halfWay.stdout).toContain('api: untouched: not removed: what still serves may need it');
  expect([await answeredVersion(stack.web), await answeredVersion(stack.api)]).toEqual(['2.0.0', '2.0.0']);

  const back = await stack.rollBack('2');
  expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
  expect(await stack.containers('api', true)).toEqual([]);
}, 240_000);
