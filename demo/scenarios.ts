import type { Repository } from './repository.ts';
import type { RunReport } from './run-report.ts';

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
  /** What a person rolls back to with rollback.yml once the run is over. */
  rollBackTo?: string;
  /** Everything that is not as it should be, one sentence each; empty means as expected. */
  judge(report: RunReport): string[];
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

const onlyServes = (report: RunReport, version: string): boolean =>
  Object.keys(report.after.serving).join() === version && Object.keys(report.after.serving).length === 1;

/** The old version serves, nothing of the new one is left, `latest` never moved. */
function oldServes(report: RunReport): Record<string, boolean> {
  return {
    'the run should not have succeeded': report.conclusion !== 'success',
    'version 1.0.0 should serve alone': onlyServes(report, '1.0.0'),
    'latest should not have moved': report.latestUnmoved,
  };
}

const lostNone = (report: RunReport): Record<string, boolean> => ({
  'no request should have failed': report.probe.failed === 0,
});
const untouched = (report: RunReport): Record<string, boolean> => ({
  'no container should have been touched':
    report.sameContainers('backend') && report.sameContainers('frontend'),
});
const rolledBack = (report: RunReport): Record<string, boolean> => ({
  'the rollback should have passed': report.step('rollback')?.outputs.outcome === 'passed',
});

export const scenarios: Record<string, Scenario> = {
  good: {
    title: 'Version 2.0.0 goes out while users are served; latest moves at the end.',
    change: nothing,
    judge: (report) =>
      unmet({
        'the run should have succeeded': report.conclusion === 'success',
        'version 2.0.0 should serve alone': onlyServes(report, '2.0.0'),
        'latest should be the digest of 2.0.0': report.latestIsNew,
        'the schema should be at version 002': report.after.schemaVersion === '002',
        ...lostNone(report),
      }),
  },
  crash: {
    title: 'The new backend exits at start. The rollout fails in seconds and says why; users notice nothing.',
    change: fault('crash'),
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the rollout should have failed': report.step('rollout')?.conclusion === 'failure',
        [`the rollout should have failed within ${soon[report.platform]} s`]:
          (report.step('rollout')?.seconds ?? 99) < soon[report.platform],
        'the message should hold the last log lines': report
          .errorOf('rollout')
          .includes('Configuration validation failed'),
        'the frontend should not have been touched': report.sameContainers('frontend'),
        ...lostNone(report),
      }),
  },
  errors: {
    title:
      'The new backend looks fine, then answers part of its traffic with 500. The watch sees it and rolls back.',
    change: fault('errors@watch'),
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the smoke tests should have passed': report.step('smoke')?.outputs.outcome === 'passed',
        'the watch should have failed': report.step('watch')?.conclusion === 'failure',
        'the rollback should begin within 2 s of the verdict': report.secondsBetween('watch', 'rollback') < 2,
        'only the bad release itself should have failed requests, with 500': Object.keys(
          report.probe.kinds,
        ).every((kind) => kind === '500'),
        ...rolledBack(report),
      }),
  },
  smoke: {
    title: 'The new backend reports a wrong version. A smoke test fails; rolled back.',
    change: fault('wrong-version'),
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the smoke test should have failed': report.step('smoke')?.conclusion === 'failure',
        'the message should name the wrong version': report.errorOf('smoke').includes('0.0.0'),
        ...rolledBack(report),
        ...lostNone(report),
      }),
  },
  migration: {
    title:
      'Migrations that every check lets pass fail on the data of production. The rehearsal on the restored backup catches it.',
    change: async (repository) => ({
      'migrations/003_title_words.sql': await repository.read('faults/003_title_words.sql'),
      'migrations/004_title_words_proven.sql': await repository.read('faults/004_title_words_proven.sql'),
    }),
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the migration should have failed': report.step('migrate')?.conclusion === 'failure',
        'the message should name the file': report
          .errorOf('migrate')
          .includes('004_title_words_proven.sql:3:1'),
        'it should have failed in the rehearsal': report
          .errorOf('migrate')
          .includes('the rehearsal on the restored backup failed, and production was not touched'),
        'nothing should have been rolled out': report.step('rollout')?.conclusion === 'skipped',
        'the schema version should be what it was':
          report.after.schemaVersion === report.before.schemaVersion,
        ...untouched(report),
        ...lostNone(report),
      }),
  },
  preflight: {
    title:
      'A variable is missing and a check on the commit is red. Refused before anything is touched, both said at once.',
    change: nothing,
    without: ['CORS_ORIGINS'],
    redCheck: true,
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the preflight should have refused': report.step('preflight')?.outputs.outcome === 'refused',
        'the missing variable should be named': report.errorOf('preflight').includes('CORS_ORIGINS'),
        'the red check should be named': report.errorOf('preflight').includes('test'),
        'the release job should not have run': report.job('release') === 'skipped',
        'the schema should be as it was': report.after.schemaVersion === report.before.schemaVersion,
        ...untouched(report),
        ...lostNone(report),
      }),
  },
  rollback: {
    title: 'Version 2.0.0 is good and proven. A person rolls back all the same, and 1.0.0 serves again.',
    change: nothing,
    rollBackTo: 'previous',
    judge: (report) => {
      const { outcome, reason, restored, summary } = report.onDemand?.outputs ?? {};
      return unmet({
        'the run should have succeeded': report.conclusion === 'success',
        'the rollback should have passed': outcome === 'passed' && reason === 'rolled-back',
        'version 1.0.0 should be restored': restored === '1.0.0',
        'the sentence should say that it is proven': / 1\.0\.0 serves again and is proven /.test(
          summary ?? '',
        ),
        'version 1.0.0 should serve alone': onlyServes(report, '1.0.0'),
        'the schema should stay at version 002': report.after.schemaVersion === '002',
        'latest should be the digest of 1.0.0 again': report.latestUnmoved,
        ...lostNone(report),
      });
    },
  },
  cancel: {
    title: 'Somebody cancels the run during the watch. The old version is brought back all the same.',
    change: nothing,
    cancelAfter: 6000,
    judge: (report) =>
      unmet({
        ...oldServes(report),
        'the run should have been cancelled': report.conclusion === 'cancelled',
        ...rolledBack(report),
        ...lostNone(report),
      }),
  },
};
