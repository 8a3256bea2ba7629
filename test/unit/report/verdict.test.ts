import { describe, expect, test } from '@jest/globals';
import { appendPhase, type Evidence, type Phase, type ReleaseRecord } from '@slipway/release';
import { verdictOf } from '@slipway/report';
import { phaseAt } from '../../support/record-phases.ts';
import { empty, good, refused, rolledBack } from '../../support/records.ts';

const untouched: Evidence = { kind: 'services', services: [] };
const undone: Evidence = { kind: 'migration', files: [{ version: '0008', file: 'a.sql', state: 'failed' }] };

function after(
  ...phases: [name: string, outcome: Phase['outcome'], evidence?: Phase['evidence']][]
): ReleaseRecord {
  return phases.reduce(
    (record, [name, outcome, evidence], at) =>
      appendPhase(record, phaseAt(name, outcome, [at, at + 1], `${name} says why.`, evidence)),
    empty,
  );
}

const firstDeploy: ReleaseRecord = {
  ...rolledBack,
  services: { backend: { image: 'registry.example.com/backend', digest: null, previous: null } },
};
const [backend] = Object.values(rolledBack.services);
const oddlyNamed: ReleaseRecord = {
  ...rolledBack,
  services: { backend: { ...backend, previous: { image: 'x', digest: null, release: null } } as never },
};

describe('the verdict in one sentence', () => {
  test.each<[ReleaseRecord, string, string]>([
    [empty, 'In progress', 'docsense 2.0.0 has not started in production.'],
    [
      after(['rollout', 'passed']),
      'In progress',
      'docsense 2.0.0 is being deployed to production: rollout passed, no verdict yet.',
    ],
    [after(['status', 'passed']), 'Nothing changed', 'status says why.'],
    [after(['status', 'inconclusive']), 'Nothing changed', 'status says why.'],
    [
      good,
      'Verified',
      'docsense 2.0.0 is live in production and verified: 2 services run their digests, 4 smoke checks passed, 3 metrics met their objectives for 30 min.',
    ],
    [after(['promote', 'passed']), 'Verified', 'docsense 2.0.0 is live in production and verified.'],
    [
      refused,
      'Refused',
      'docsense 2.0.0 was refused in preflight-checklist before anything was changed in production.',
    ],
    [
      after(['build-push', 'failed']),
      'Failed',
      'docsense 2.0.0 failed in build-push before anything was changed in production.',
    ],
    [
      after(['db-migrate', 'failed', undone]),
      'Failed',
      'docsense 2.0.0 failed in db-migrate before anything was changed in production.',
    ],
    [
      after(['db-migrate', 'failed']),
      'Failed',
      'docsense 2.0.0 failed in db-migrate: no service was changed in production; the database may have been.',
    ],
    [
      after(['rollout', 'failed', untouched]),
      'Failed',
      'docsense 2.0.0 failed in rollout before anything was changed in production.',
    ],
    [
      after(['rollout', 'failed']),
      'Failed',
      'docsense 2.0.0 failed in rollout: production was changed and is not rolled back yet.',
    ],
    [
      after(['rollout', 'skipped'], ['watch-metrics', 'failed']),
      'Failed',
      'docsense 2.0.0 failed in watch-metrics, and serves in production: it was proven before, and nothing was rolled back.',
    ],
    [
      after(['rollout', 'skipped'], ['smoke-test', 'refused']),
      'Refused',
      'docsense 2.0.0 was refused in smoke-test before anything was changed in production.',
    ],
    [
      after(['rollout', 'passed'], ['smoke-test', 'refused']),
      'Refused',
      'docsense 2.0.0 was refused in smoke-test: production was changed and is not rolled back yet.',
    ],
    [
      after(['rollout', 'passed'], ['watch-metrics', 'inconclusive']),
      'Failed',
      'docsense 2.0.0 could not be proven in watch-metrics: production was changed and is not rolled back yet.',
    ],
    [
      after(['rollout', 'failed'], ['rollback', 'failed']),
      'Failed',
      'docsense 2.0.0 failed in rollout, and the rollback did not succeed: manual intervention required in production.',
    ],
    [
      after(['db-migrate', 'failed'], ['rollback', 'skipped']),
      'Failed',
      'docsense 2.0.0 failed in db-migrate, and there was nothing to roll back.',
    ],
    [
      rolledBack,
      'Rolled back',
      'docsense 2.0.0 failed in watch-metrics and was rolled back: 1.0.0 serves again in production.',
    ],
    [
      oddlyNamed,
      'Rolled back',
      'docsense 2.0.0 failed in watch-metrics and was rolled back: what ran before serves again in production.',
    ],
    [
      firstDeploy,
      'Rolled back',
      'docsense 2.0.0 failed in watch-metrics and was removed again: nothing ran in production before it.',
    ],
    [
      after(['rollback', 'passed']),
      'Rolled back',
      'docsense 2.0.0 was rolled back: 1.0.0 serves again in production.',
    ],
    [
      after(['rollback', 'failed']),
      'Failed',
      'The rollback of docsense 2.0.0 did not succeed: manual intervention required in production.',
    ],
    [
      after(['rollout', 'skipped'], ['promote', 'skipped']),
      'Nothing changed',
      'docsense 2.0.0 was not deployed: nothing was changed in production.',
    ],
    [
      after(['rollback', 'skipped']),
      'Nothing to do',
      'There was nothing to roll back for docsense 2.0.0 in production.',
    ],
  ])('%#', (record, word, sentence) => {
    expect(verdictOf(record)).toMatchObject({ word, sentence });
  });

  test('a release that may have changed the target is never shown in a calm tone', () => {
    expect(verdictOf(after(['rollout', 'passed'], ['smoke-test', 'refused'])).tone).toBe('bad');
    expect(verdictOf(refused).tone).toBe('warning');
    expect(verdictOf(after(['rollback', 'refused'])).tone).toBe('bad');
  });
});
