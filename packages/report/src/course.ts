import type { Phase, ReleaseRecord } from '@slipway/release';

/** The phase to blame: the last that ended badly, other than a rollback. */
export function causeOf(record: ReleaseRecord): Phase | undefined {
  return record.phases.findLast(
    ({ name, outcome, tolerated }) =>
      name !== 'rollback' && !tolerated && !/^(passed|skipped)$/.test(outcome),
  );
}

/** Whether the target may be other than before. Without evidence of the contrary it may. */
export function changed(record: ReleaseRecord): boolean {
  return ['db-migrate', 'rollout', 'promote'].some((name) => reached(record, name));
}

/** Whether a phase ran that may have changed the target. */
export function reached(record: ReleaseRecord, name: string): boolean {
  return record.phases.some(
    (phase) =>
      phase.name === name && /^(passed|failed|inconclusive)$/.test(phase.outcome) && !harmless(phase),
  );
}

function harmless({ evidence }: Phase): boolean {
  if (evidence?.kind === 'services') {
    return evidence.services.every(({ state }) => state === 'untouched' || state === 'unchanged');
  }
  return (
    evidence?.kind === 'migration' && evidence.files.every(({ state }) => /^(pending|failed)$/.test(state))
  );
}
