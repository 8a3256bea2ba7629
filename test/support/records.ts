import type { Evidence, Phase, ReleaseRecord, WatchedMetric } from '@slipway/release';
import { appendPhase, beginRelease } from '@slipway/release';

const digest = (letter: string): string => `sha256:${`${letter}40fd1c9e27b8a36`.repeat(4)}`;
const at = (seconds: number): string =>
  new Date(Date.UTC(2026, 2, 1, 14, 5, 9) + seconds * 1000).toISOString();

/** A phase of a sample release; begin and end in seconds since the release began. */
export function phaseAt(
  name: string,
  outcome: Phase['outcome'],
  [from, to]: readonly [number, number],
  summary: string,
  evidence?: Evidence,
): Phase {
  return { name, outcome, startedAt: at(from), endedAt: at(to), summary, ...(evidence ? { evidence } : {}) };
}

const begun: ReleaseRecord = {
  ...beginRelease({
    id: '2.0.0-9876543210',
    app: 'docsense',
    environment: 'production',
    version: '2.0.0',
    commit: '7f9c2ba4e88f827d616045507605853ed73b8093',
    run: { actor: 'octocat', url: 'https://github.com/example/docsense/actions/runs/9876543210' },
  }),
  services: {
    backend: {
      image: 'registry.example.com/docsense-backend',
      digest: digest('b'),
      previous: {
        image: 'registry.example.com/docsense-backend',
        digest: digest('a'),
        release: '1.0.0-9876500000',
      },
    },
    frontend: {
      image: 'registry.example.com/docsense-frontend',
      digest: digest('d'),
      previous: {
        image: 'registry.example.com/docsense-frontend',
        digest: digest('c'),
        release: '1.0.0-9876500000',
      },
    },
  },
};

const checklist: Phase = phaseAt('preflight-checklist', 'passed', [0, 6], '7 of 8 items passed, 1 by hand.', {
  kind: 'checklist',
  items: [
    {
      id: 'config',
      title: 'Configuration',
      state: 'passed',
      evidence: '.github/slipway.yml is valid for production',
    },
    {
      id: 'env',
      title: 'Environment variables',
      state: 'passed',
      evidence: '14 of 14 are set and well-formed',
    },
    { id: 'checks', title: 'Checks on the commit', state: 'passed', evidence: '9 of 9 succeeded on 7f9c2ba' },
    {
      id: 'reviews',
      title: 'Reviews',
      state: 'passed',
      evidence: 'pull request 41: 2 approvals of the last commit',
    },
    {
      id: 'gate',
      title: 'Approval gate',
      state: 'waived',
      evidence: 'production-approval has no required reviewers',
      remedy: 'Add required reviewers to the environment "production-approval".',
    },
    {
      id: 'database',
      title: 'Database',
      state: 'passed',
      evidence: 'PostgreSQL 16.4 answers as docsense_owner',
    },
    { id: 'engine', title: 'Docker engine', state: 'passed', evidence: 'Docker 27.3.1, Compose 2.29.7' },
    {
      id: 'on-call',
      title: 'Someone is on call',
      state: 'manual',
      evidence: 'Confirm by approving the run',
      remedy: 'Look at the rota before you approve.',
    },
  ],
});

const build = phaseAt('build-push', 'passed', [1, 74], '2 images built and pushed in 1 min 13 s.', {
  kind: 'images',
  images: [
    {
      service: 'backend',
      reference: 'registry.example.com/docsense-backend:2.0.0',
      digest: digest('b'),
      ms: 71_800,
    },
    {
      service: 'frontend',
      reference: 'registry.example.com/docsense-frontend:2.0.0',
      digest: digest('d'),
      ms: 48_200,
    },
  ],
});

const migrate = phaseAt(
  'db-migrate',
  'passed',
  [312, 329],
  '2 migrations applied, schema 0007 → 0009, behind a backup of 18 MB.',
  {
    kind: 'migration',
    files: [
      { version: 'schema', file: 'docs/database/event_store_schema.sql', state: 'schema', ms: 120 },
      { version: '0008', file: 'migrations/0008_add_projection_status.sql', state: 'applied', ms: 341 },
      { version: '0009', file: 'migrations/0009_index_events_by_stream.sql', state: 'applied', ms: 2903 },
    ],
  },
);

const rollout = phaseAt('rollout', 'passed', [330, 371], '2 services run 2.0.0, each proven by its digest.', {
  kind: 'services',
  services: [
    { name: 'backend', digest: digest('b'), previous: digest('a'), running: 2, state: 'rolled', ms: 24_300 },
    { name: 'frontend', digest: digest('d'), previous: digest('c'), running: 1, state: 'rolled', ms: 12_050 },
  ],
});

const smoke = phaseAt(
  'smoke-test',
  'passed',
  [372, 375],
  '10 of 10 connections answered 2.0.0 and 4 of 4 checks passed.',
  {
    kind: 'smoke',
    consensus: { expected: '2.0.0', answers: { '2.0.0': 10 } },
    checks: [
      {
        name: 'health',
        url: 'https://api.example.com/health',
        state: 'passed',
        attempts: 1,
        ms: 12,
        detail: '200, $.status is healthy',
      },
      {
        name: 'database',
        url: 'https://api.example.com/health/db',
        state: 'passed',
        attempts: 1,
        ms: 19,
        detail: '200',
      },
      {
        name: 'projections',
        url: 'https://api.example.com/admin/projections/status',
        state: 'passed',
        attempts: 3,
        ms: 41,
        detail: '200, $.lag is 0',
      },
      {
        name: 'cors',
        url: 'https://api.example.com/api/documents',
        state: 'passed',
        attempts: 1,
        ms: 9,
        detail: '204, access-control-allow-origin is https://app.example.com',
      },
    ],
  },
);

function metric(
  id: string,
  title: string,
  objective: number,
  fractions: (number | null)[],
  rest: Partial<WatchedMetric> = {},
): WatchedMetric {
  const bad = fractions.reduce<number>((sum, fraction) => sum + Math.round((fraction ?? 0) * 1500), 0);
  return {
    id,
    title,
    objective,
    state: 'kept',
    wealth: 0.34,
    bar: 200,
    events: fractions.length * 1500,
    bad,
    detail: '',
    points: fractions.map((fraction, look) => [look * 15, fraction]),
    ...rest,
  };
}

const quiet = (look: number, around: number): number =>
  around * (0.4 + Math.abs(Math.sin(look * 1.7) + Math.sin(look * 0.31)));

function watchOf(broken: boolean): Evidence {
  const looks = Array.from({ length: broken ? 9 : 120 }, (_, look) => look);
  const errors = looks.map((look) =>
    broken && look > 4 ? 0.09 + look / 150 : look === 40 ? null : quiet(look, 0.0012),
  );
  const slow = looks.map((look) => quiet(look, 0.009));
  return {
    kind: 'watch',
    seconds: broken ? 130 : 1800,
    metrics: [
      metric(
        'errors',
        'Requests that failed',
        0.01,
        errors,
        broken
          ? {
              state: 'broken',
              wealth: 431,
              detail: 'Reached the bar after 2 min 10 s; backend-2 answered 500 on POST /api/events.',
            }
          : {},
      ),
      metric('p95', 'Requests slower than 1 s', 0.05, slow),
      metric('projection_failures_total', 'projection_failures_total', 0, [], {
        events: 0,
        bad: 0,
        wealth: 0,
        bar: 0,
        detail: 'Did not grow.',
      }),
    ],
  };
}

function release(record: ReleaseRecord, phases: readonly Phase[]): ReleaseRecord {
  return phases.reduce(appendPhase, record);
}

const migrated: ReleaseRecord = {
  ...begun,
  database: {
    before: '0007',
    after: '0009',
    applied: ['0008', '0009'],
    class: 'expand',
    backup: {
      file: 'backups/docsense-2.0.0.dump',
      manifest: 'backups/docsense-2.0.0.json',
      sha256: digest('e').slice(7),
      bytes: 18_734_112,
    },
  },
};

/** Everything went well; the approval took some minutes. */
export const good = release(migrated, [
  checklist,
  build,
  migrate,
  rollout,
  smoke,
  phaseAt(
    'watch-metrics',
    'passed',
    [376, 2177],
    '3 metrics kept their objectives for 30 min.',
    watchOf(false),
  ),
  phaseAt('promote', 'passed', [2178, 2181], 'latest is 2.0.0 for 2 images.'),
]);

/** Errors came after the smoke checks. */
export const rolledBack = release(migrated, [
  checklist,
  build,
  migrate,
  rollout,
  smoke,
  phaseAt(
    'watch-metrics',
    'failed',
    [376, 507],
    '12.2 % of requests failed in the last 4 looks, above the objective of 1 %: rolled back on evidence 431 against a bar of 200.',
    watchOf(true),
  ),
  phaseAt(
    'rollback',
    'passed',
    [508, 539],
    '2 services run 1.0.0 again, each proven by its digest; the expanded schema stays.',
    {
      kind: 'services',
      services: [
        {
          name: 'frontend',
          digest: digest('c'),
          previous: digest('d'),
          running: 1,
          state: 'restored',
          ms: 11_000,
        },
        {
          name: 'backend',
          digest: digest('a'),
          previous: digest('b'),
          running: 2,
          state: 'restored',
          ms: 18_400,
        },
      ],
    },
  ),
]);

/** The checklist found problems, and its texts come from an unfriendly hand. */
export const refused = release({ ...begun, services: {} }, [
  phaseAt(
    'preflight-checklist',
    'refused',
    [0, 4],
    'DATABASE_URL is not set and 1 check on the commit is red: </script><script>alert(1)</script>',
    {
      kind: 'checklist',
      items: [
        {
          id: 'env',
          title: 'Environment | variables',
          state: 'failed',
          evidence: 'DATABASE_URL is not set\nOPENAI_API_KEY is not set',
          remedy: 'Create the secret <b>DATABASE_URL</b> in the environment "production".',
        },
        {
          id: 'checks',
          title: 'Checks on the commit',
          state: 'unknown',
          evidence: '<img src=x onerror=alert(1)> ![x](https://example.com/x.png)',
          remedy: 'Run them again.',
        },
        { id: 'config', title: 'Configuration', state: 'passed', evidence: 'valid' },
      ],
    },
  ),
]);

/** The record of a release before anything ran. */
export const empty = begun;
