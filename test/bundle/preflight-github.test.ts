import { describe, expect, test } from '@jest/globals';
import { notPassed, type ReadyRelease, readyRelease } from '../support/preflight.ts';

let github: ReadyRelease['github'];
let preflight: ReadyRelease['preflight'];
readyRelease((ready) => {
  ({ github, preflight } = ready);
});

test('a red check on the second page is seen', async () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    name: `test ${at}`,
    conclusion: 'success' as const,
  }));
  github.set({ checks: [...many, { name: 'last', conclusion: 'timed_out' }] });
  expect((await preflight()).outputs.summary).toContain(
    '1 of 18 checks failed: check "last" is red (timed_out).',
  );
});

describe('what GitHub does not say is not taken for good', () => {
  test('no permission: unknown, with the permission to add', async () => {
    github.set({ fail: [{ path: '/check-runs', status: 403 }] });
    const result = await preflight();
    expect(notPassed(result)).toContain('checks: unknown');
    expect(result.outputs.summary).toBe(
      'Preflight refused: 1 of 18 checks could not be decided: GitHub answered 403 to GET /commits/{ref}/check-runs (Resource not accessible by integration).',
    );
    expect(result.errors[0]).toContain('Add "checks: read" to the permissions of this job');
  });

  test('no token, or one that is refused', async () => {
    const without = await preflight({}, { 'github-token': '' });
    expect(notPassed(without)).toEqual(
      expect.arrayContaining(['checks: unknown', 'reviews: unknown', 'gate: unknown']),
    );
    expect(without.outputs.summary).toContain('the input github-token is empty, so GitHub cannot be queried');
    github.set({ fail: [{ path: '/', status: 401, message: 'Bad credentials' }] });
    const refused = await preflight();
    expect(refused.errors[0]).toContain('Check the input github-token: the token is not valid.');
  });

  test('a short outage is waited for, a long one is not', async () => {
    github.set({ fail: [{ path: '/environments/', status: 502, times: 2 }] });
    expect((await preflight()).outputs.outcome).toBe('passed');
    github.set({ fail: [{ path: '/environments/', status: 502, message: 'Bad gateway' }] });
    const result = await preflight();
    expect(result.outputs.summary).toContain(
      'GitHub answered 502 to GET /environments/{environment_name} (Bad gateway), 3 times',
    );
  });

  test('a rate limit is respected when it is short and named when it is long', async () => {
    const limit = { path: '/reviews', status: 429, message: 'API rate limit exceeded' };
    github.set({ fail: [{ ...limit, headers: { 'retry-after': '1' }, times: 1 }] });
    expect((await preflight()).outputs.outcome).toBe('passed');
    github.set({ fail: [{ ...limit, headers: { 'retry-after': '3600' } }] });
    const result = await preflight();
    expect(notPassed(result)).toContain('reviews: unknown');
    expect(result.outputs.summary).toContain('the rate limit is exhausted');
  });

  test('no server at all', async () => {
    const result = await preflight({ GITHUB_API_URL: 'http://127.0.0.1:9' });
    expect(notPassed(result)).toEqual(
      expect.arrayContaining(['checks: unknown', 'reviews: unknown', 'gate: unknown']),
    );
    expect(result.outputs.summary).toContain('cannot reach GitHub for GET');
  });
});

describe('the gate', () => {
  test.each([
    [{}, 'the environment production-approval does not exist; GitHub would create it unprotected'],
    [
      { 'production-approval': { reviewers: false } },
      'the environment production-approval has no required reviewers, so nobody has to approve',
    ],
  ])('%j is refused', async (environments, why) => {
    github.set({ environments });
    const result = await preflight();
    expect(notPassed(result)).toContain('gate: failed');
    expect(result.outputs.summary).toContain(why);
    expect(result.code).toBe(1);
  });
});
