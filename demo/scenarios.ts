import type { Repository } from './repository.ts';
import type { Told } from './told.ts';

/** One story: what is done to the new version, and what must be true at the end. */
export interface Scenario {
  title: string;
  /** What is changed in the repository for version 2.0.0; null takes a file away. */
  change(repository: Repository): Promise<Record<string, string | null>>;
  /** Settings that are missing from the environment of this release. */
  without?: readonly string[];
  /** The check `test` on the commit is red. */
  redCheck?: true;
  /** The run is cancelled this many milliseconds after the watch began. */
  cancelAfter?: number;
  /** Everything that is not as it should be, one sentence each; empty means as expected. */
  judge(told: Told): string[];
}

/**
 * Seconds until a crash at start must be known. On Kubernetes the first two are forgiven unless fail-fast is strict, and
 * the kubelet lets ten seconds and more pass before the third.
 */
const soon = { compose: 20, kubernetes: 60 };

const nothing = async () => ({});
const fault = (word: string) => async () => ({ 'backend/FAULT': `${word}\n` });

/** Sentences for the expectations that do not hold. */
function unmet(expectations: Record<string, boolean>): string[] {
  return Object.entries(expectations)
    .filter(([, holds]) => !holds)
    .map(([sentence]) => sentence);
}

const onlyServes = (told: Told, version: string): boolean =>
  Object.keys(told.after.serving).join() === version && Object.keys(told.after.serving).length === 1;

/** The old version serves, nothing of the new one is left, `latest` never moved. */
function oldServes(told: Told): Record<string, boolean> {
  return {
    'the run should not have succeeded': told.conclusion !== 'success',
    'version 1.0.0 should serve alone': onlyServes(told, '1.0.0'),
    'latest should not have moved': told.latestUnmoved,
  };
}

const lostNone = (told: Told): Record<string, boolean> => ({
  'no request should have failed': told.probe.failed === 0,
});
const untouched = (told: Told): Record<string, boolean> => ({
  'no container should have been touched': told.sameContainers('backend') && told.sameContainers('frontend'),
});
const rolledBack = (told: Told): Record<string, boolean> => ({
  'the rollback should have passed': told.step('rollback')?.outputs.outcome === 'passed',
});

export const scenarios: Record<string, Scenario> = {
  good: {
    title: 'Version 2.0.0 goes out while users are served; latest moves at the end.',
    change: nothing,
    judge: (told) =>
      unmet({
        'the run should have succeeded': told.conclusion === 'success',
        'version 2.0.0 should serve alone': onlyServes(told, '2.0.0'),
        'latest should be the digest of 2.0.0': told.latestIsNew,
        'the schema should be at version 002': told.after.schemaVersion === '002',
        ...lostNone(told),
      }),
  },
  crash: {
    title: 'The new backend exits at start. The rollout fails in seconds and says why; users notice nothing.',
    change: fault('crash'),
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the rollout should have failed': told.step('rollout')?.conclusion === 'failure',
        [`the rollout should have failed within ${soon[told.platform]} s`]:
          (told.step('rollout')?.seconds ?? 99) < soon[told.platform],
        'the message should hold the last log lines': told
          .errorOf('rollout')
          .includes('Configuration validation failed'),
        'the frontend should not have been touched': told.sameContainers('frontend'),
        ...lostNone(told),
      }),
  },
  errors: {
    title:
      'The new backend looks fine, then answers part of its traffic with 500. The watch sees it and rolls back.',
    change: fault('errors@watch'),
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the smoke tests should have passed': told.step('smoke')?.outputs.outcome === 'passed',
        'the watch should have failed': told.step('watch')?.conclusion === 'failure',
        'the rollback should begin within 2 s of the verdict': told.secondsBetween('watch', 'rollback') < 2,
        'only the bad release itself should have failed requests, with 500': Object.keys(
          told.probe.kinds,
        ).every((kind) => kind === '500'),
        ...rolledBack(told),
      }),
  },
  smoke: {
    title: 'The new backend reports a wrong version. A smoke test fails; rolled back.',
    change: fault('wrong-version'),
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the smoke test should have failed': told.step('smoke')?.conclusion === 'failure',
        'the message should name the wrong version': told.errorOf('smoke').includes('0.0.0'),
        ...rolledBack(told),
        ...lostNone(told),
      }),
  },
  migration: {
    title:
      'Migrations that every check lets pass fail on the data of production. The rehearsal on the restored backup catches it.',
    change: async (repository) => ({
      'migrations/003_title_words.sql': await repository.read('faults/003_title_words.sql'),
      'migrations/004_title_words_proven.sql': await repository.read('faults/004_title_words_proven.sql'),
    }),
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the migration should have failed': told.step('migrate')?.conclusion === 'failure',
        'the message should name the file': told
          .errorOf('migrate')
          .includes('004_title_words_proven.sql:3:1'),
        'it should have failed in the rehearsal': told
          .errorOf('migrate')
          .includes('the rehearsal on the restored backup failed, and production was not touched'),
        'nothing should have been rolled out': told.step('rollout')?.conclusion === 'skipped',
        'the schema version should be what it was': told.after.schemaVersion === told.before.schemaVersion,
        ...untouched(told),
        ...lostNone(told),
      }),
  },
  preflight: {
    title:
      'A variable is missing and a check on the commit is red. Refused before anything is touched, both said at once.',
    change: nothing,
    without: ['CORS_ORIGINS'],
    redCheck: true,
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the preflight should have refused': told.step('preflight')?.outputs.outcome === 'refused',
        'the missing variable should be named': told.errorOf('preflight').includes('CORS_ORIGINS'),
        'the red check should be named': told.errorOf('preflight').includes('test'),
        'the release job should not have run': told.job('release') === 'skipped',
        'the schema should be as it was': told.after.schemaVersion === told.before.schemaVersion,
        ...untouched(told),
        ...lostNone(told),
      }),
  },
  cancel: {
    title: 'Somebody cancels the run during the watch. The old version is brought back all the same.',
    change: nothing,
    cancelAfter: 6000,
    judge: (told) =>
      unmet({
        ...oldServes(told),
        'the run should have been cancelled': told.conclusion === 'cancelled',
        ...rolledBack(told),
        ...lostNone(told),
      }),
  },
};
