import type { Phase, ReleaseRecord } from '@slipway/release';
import { appendPhase, beginRelease } from '@slipway/release';
import { build, checklist, digest, migrate, observed, phaseAt, rollout, smoke } from './record-phases.ts';
import { watchOf } from './record-watch.ts';

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

/** What comes before the watch, all of it well. */
const deployed: readonly Phase[] = [checklist, build, migrate, rollout, smoke];

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
  ...deployed,
  phaseAt(
    'watch-metrics',
    'passed',
    [376, 2177],
    '3 metrics met their objectives for 30 min.',
    watchOf(false),
  ),
  phaseAt('promote', 'passed', [2178, 2181], 'latest is 2.0.0 for 2 images.'),
]);

/** Errors came after the smoke checks. */
export const rolledBack = release(migrated, [
  ...deployed,
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
          replicas: observed(1, digest('c')),
          state: 'restored',
          ms: 11_000,
        },
        {
          name: 'backend',
          digest: digest('a'),
          previous: digest('b'),
          running: 2,
          replicas: observed(2, digest('a')),
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
