import type { Phase, ReleaseRecord } from '@slipway/release';

/** The last phase that did not pass, other than a rollback: the cause of the failure. */
export function failedPhase(record: ReleaseRecord): Phase | undefined {
  return record.phases.findLast(
    ({ name, outcome, tolerated }) =>
      name !== 'rollback' && !tolerated && !/^(passed|skipped)$/.test(outcome),
  );
}

/** Whether the target may have changed. Without evidence that it has not, it may have. */
export function mayHaveChanged(record: ReleaseRecord): boolean {
  return ['db-migrate', 'rollout', 'promote'].some((name) => phaseMayHaveChanged(record, name));
}

/** Whether a phase of that name ran and may have changed the target. */
export function phaseMayHaveChanged(record: ReleaseRecord, name: string): boolean {
  return record.phases.some(
    (phase) =>
      phase.name === name && /^(passed|failed|inconclusive)$/.test(phase.outcome) && !changedNothing(phase),
  );
}

function changedNothing({ evidence }: Phase): boolean {
  if (evidence?.kind === 'services') {
    return evidence.services.every(({ state }) => state === 'untouched' || state === 'unchanged');
  }
  return (
    evidence?.kind === 'migration' && evidence.files.every(({ state }) => /^(pending|failed)$/.test(state))
  );
}
