import type { Evidence, Phase } from '@slipway/release';

/** A made-up digest for each letter. */
/** Replicas that run one digest. */
export const observed = (count: number, of: string): { id: string; digest: string }[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${of.slice(7, 15)}-${at}`, digest: of }));

export const digest = (letter: string): string => `sha256:${`${letter}40fd1c9e27b8a36`.repeat(4)}`;
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

/** What went well in every sample release that got so far. */
export const checklist: Phase = phaseAt(
  'preflight-checklist',
  'passed',
  [0, 6],
  '7 of 8 items passed, 1 by hand.',
  {
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
      {
        id: 'checks',
        title: 'Checks on the commit',
        state: 'passed',
        evidence: '9 of 9 succeeded on 7f9c2ba',
      },
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
  },
);

export const build = phaseAt('build-push', 'passed', [1, 74], '2 images built and pushed in 1 min 13 s.', {
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

export const migrate = phaseAt(
  'db-migrate',
  'passed',
  [312, 329],
  '2 migrations applied, schema 0007 → 0009, after a backup of 18 MB.',
  {
    kind: 'migration',
    files: [
      { version: 'schema', file: 'docs/database/event_store_schema.sql', state: 'schema', ms: 120 },
      { version: '0008', file: 'migrations/0008_add_projection_status.sql', state: 'applied', ms: 341 },
      { version: '0009', file: 'migrations/0009_index_events_by_stream.sql', state: 'applied', ms: 2903 },
    ],
  },
);

export const rollout = phaseAt(
  'rollout',
  'passed',
  [330, 371],
  '2 services run 2.0.0, each proven by its digest.',
  {
    kind: 'services',
    services: [
      {
        name: 'backend',
        digest: digest('b'),
        previous: digest('a'),
        running: 2,
        replicas: observed(2, digest('b')),
        state: 'rolled',
        ms: 24_300,
      },
      {
        name: 'frontend',
        digest: digest('d'),
        previous: digest('c'),
        running: 1,
        replicas: observed(1, digest('d')),
        state: 'rolled',
        ms: 12_050,
      },
    ],
  },
);

export const smoke = phaseAt(
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
