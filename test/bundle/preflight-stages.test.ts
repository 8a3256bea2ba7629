import { describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { expectNoSecret, notPassed, type ReadyRelease, readyRelease } from '../support/preflight.ts';

let github: ReadyRelease['github'];
let preflight: ReadyRelease['preflight'];
readyRelease((ready) => {
  ({ github, preflight } = ready);
});

const tag = { GITHUB_REF: 'refs/tags/v2.0.0' };
const early = { stage: 'before-approval' };
const late = { stage: 'after-approval' };
/** What only the environment of the release has. */
const withoutSecrets = { DATABASE_URL: undefined, ANTHROPIC_API_KEY: undefined };

describe('before the approval', () => {
  test('it passes without the secrets, and says what is left for later', async () => {
    const result = await preflight({ ...tag, ...withoutSecrets }, early);
    expect(notPassed(result)).toEqual([
      ...['env.DATABASE_URL: deferred', 'env.ANTHROPIC_API_KEY: deferred', 'any-of.1: deferred'],
      ...[
        'database: deferred',
        'platform: deferred',
        'rollback-path: deferred',
        'environment: skipped',
        'manual.1: manual',
      ],
    ]);
    expect(result.outputs).toMatchObject({ outcome: 'passed', app: 'docsense', 'timeout-minutes': '180' });
    expect(result.outputs.summary).toBe(
      'Preflight passed: 14 checks passed; 1 not configured, 1 left to the approvers, 6 to check after the approval.',
    );
  });

  test('a ${NAME} that may be a secret fails nothing, and is named', async () => {
    const result = await preflight({ ...tag, ...withoutSecrets, API_URL: undefined }, early);
    expect(result.outputs.outcome).toBe('passed');
    expect(JSON.parse(result.outputs.checklist ?? '[]')[0]).toMatchObject({
      state: 'passed',
      evidence: '.github/slipway.yml is valid; API_URL must be set after the approval',
    });
  });

  test('a variable that is set is judged, and a red check is reported with it', async () => {
    github.set({ checks: [{ name: 'test', conclusion: 'failure' }] });
    const result = await preflight({ ...tag, ...withoutSecrets, DB_POOL_MIN_SIZE: '100' }, early);
    expect(notPassed(result)).toEqual(
      expect.arrayContaining(['env.DB_POOL_MIN_SIZE: failed', 'checks: failed']),
    );
    expect(result.code).toBe(1);
  });
});

describe('after the approval', () => {
  test('everything that needs the secrets or may have changed is checked, and nothing else', async () => {
    const result = await preflight(tag, late);
    const ids = JSON.parse(result.outputs.checklist ?? '[]').map(({ id }: { id: string }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['env.DATABASE_URL', 'database', 'platform', 'checks', 'reviews', 'gate']),
    );
    expect(ids).not.toEqual(expect.arrayContaining(['rollback-plan']));
    expect(result.outputs.summary).toBe('Probe passed: 18 checks passed; 2 not configured.');
    const { phases } = decodeRecord(result.outputs.release ?? '');
    expect(phases.map(({ name }) => name)).toEqual(['probe']);
    expectNoSecret(result);
  });

  test('what was green before the approval and is not any more refuses the release', async () => {
    const before = await preflight({ ...tag, ...withoutSecrets }, early);
    expect(before.outputs.outcome).toBe('passed');
    github.set({ checks: [{ name: 'test', conclusion: 'cancelled' }] });
    const result = await preflight(tag, { ...late, release: before.outputs.release ?? '' });
    expect(result.outputs).toMatchObject({
      outcome: 'refused',
      summary: 'Probe refused: 1 of 18 checks failed: check "test" is red (cancelled).',
    });
    expect(result.summary).toContain('probe');
  });

  test('a secret that is missing refuses the release', async () => {
    const result = await preflight({ ...tag, DATABASE_URL: undefined }, late);
    expect(result.outputs.summary).toBe('Probe refused: 1 of 18 checks failed: DATABASE_URL is not set.');
  });
});

describe('the environment of the release', () => {
  const production = async (rules: object, ref = 'refs/tags/v2.0.0'): Promise<string> => {
    const approval = { reviewers: true };
    github.set({
      environments: { 'production-approval': approval, production: { reviewers: false, ...rules } },
    });
    const result = await preflight({ GITHUB_REF: ref, ...withoutSecrets }, early);
    const items = JSON.parse(result.outputs.checklist ?? '[]') as {
      id: string;
      state: string;
      evidence: string;
    }[];
    const { state, evidence } = items.find(({ id }) => id === 'environment') ?? {};
    return `${state}: ${evidence}`;
  };

  test.each<[string, object, string]>([
    ['no rule', {}, 'passed: nothing holds a job on production'],
    [
      'reviewers',
      { reviewers: true },
      'failed: the environment production has required reviewers, which would hold a rescue and a rollback',
    ],
    [
      'a wait timer',
      { waitMinutes: 30 },
      'failed: the environment production has a wait timer of 30 min, which would hold a rescue and a rollback',
    ],
    [
      'an app that decides',
      { customRules: ['datadog'] },
      'failed: the environment production has the protection rule datadog, which would hold a rescue and a rollback',
    ],
    [
      'tags alone',
      { refs: [{ name: 'v*', type: 'tag' }] },
      'passed: nothing holds a job on production; it accepts only the tags v*: start rollback.yml on one of them, not on a branch',
    ],
    [
      'tags and a branch',
      {
        refs: [
          { name: 'v*', type: 'tag' },
          { name: 'main', type: 'branch' },
        ],
      },
      'passed: nothing holds a job on production',
    ],
    [
      'other tags',
      {
        refs: [
          { name: 'release/*', type: 'tag' },
          { name: 'v*', type: 'branch' },
        ],
      },
      'failed: the environment production accepts only tag release/*, branch v*, not the tag v2.0.0',
    ],
    [
      'protected branches',
      { refs: 'protected' },
      'failed: the environment production accepts only protected branches, not the tag v2.0.0',
    ],
  ])('%s', async (_, rules, expected) => expect(await production(rules)).toBe(expected));

  test('a refusal names the place of reviewers', async () => {
    github.set({
      environments: { 'production-approval': { reviewers: true }, production: { reviewers: true } },
    });
    const result = await preflight({ ...tag, ...withoutSecrets }, early);
    expect(result.errors[0]).toContain(
      'Move reviewers and wait timers to the environment production-approval',
    );
  });

  test('that the token cannot read decides nothing', async () => {
    github.set({ fail: [{ path: '/environments/production', status: 403, times: 1 }] });
    expect(notPassed(await preflight({ ...tag, ...withoutSecrets }, early)).join()).toMatch(
      /environment: skipped|gate: unknown/,
    );
  });

  test.each([403, 404])(
    'custom rules that GitHub does not list (%i) keep no release from passing',
    async (status) => {
      github.set({
        environments: { 'production-approval': { reviewers: true }, production: { reviewers: false } },
        fail: [{ path: '/deployment_protection_rules', status }],
      });
      const result = await preflight({ ...tag, ...withoutSecrets }, early);
      expect(notPassed(result).filter((item) => /^(?:gate|environment)/.test(item))).toEqual([]);
    },
  );

  test('an app that decides about the approval does not work with "deployment: false"', async () => {
    github.set({ environments: { 'production-approval': { reviewers: true, customRules: ['datadog'] } } });
    const result = await preflight();
    expect(result.outputs.summary).toContain('which does not work with "deployment: false"');
  });
});

describe('the time of the release', () => {
  test('a watch that a runner of GitHub cannot finish is refused with both numbers', async () => {
    const env = { ...tag, ...withoutSecrets, RUNNER_ENVIRONMENT: 'github-hosted' };
    const result = await preflight(env, { ...early, 'release-minutes': '331' });
    expect(result.outputs.summary).toBe(
      'Preflight refused: 1 of 14 checks failed: the release job may take 361 min: 30 min of watch and 331 min for everything else; a runner of GitHub ends a job after 360 min.',
    );
    const fits = await preflight(env, { ...early, 'release-minutes': '330' });
    expect(fits.outputs).toMatchObject({ outcome: 'passed', 'timeout-minutes': '360' });
  });

  test('another runner has five days', async () => {
    const result = await preflight({ ...tag, ...withoutSecrets }, { ...early, 'release-minutes': '331' });
    expect(result.outputs).toMatchObject({ outcome: 'passed', 'timeout-minutes': '361' });
  });
});
