import type { TargetState } from './target-state.ts';

/** One attempt of a workflow run, as GitHub numbers it. */
interface Attempt {
  run: string;
  attempt: string;
}

/** Whether both are attempts of one run, of which the first one was started later. Pure. */
export function isLaterAttempt(one: Attempt, other: Attempt): boolean {
  return one.run === other.run && numberOf(one) > numberOf(other);
}

type Claim =
  | { kind: 'claimed'; state: TargetState }
  /** A later attempt of the same run has worked on its releases. */
  | { kind: 'superseded'; attempt: string };

/**
 * Writes into the releases of a run which attempt works on them. GitHub starts another attempt only when it takes the one
 * before for over; that one may still run on a machine that GitHub has lost, and must not change anything any more. Pure.
 */
export function claimReleases(state: TargetState, { run, attempt }: Attempt): Claim {
  const later = state.releases.find((one) =>
    isLaterAttempt({ ...one.run, run: one.run.id }, { run, attempt }),
  );
  if (later) return { kind: 'superseded', attempt: later.run.attempt };
  const releases = state.releases.map((one) =>
    one.run.id === run ? { ...one, run: { ...one.run, attempt } } : one,
  );
  return { kind: 'claimed', state: { ...state, releases } };
}

/** Text from elsewhere that is not a number is earlier than every attempt. */
function numberOf({ attempt }: Attempt): number {
  return /^\d+$/.test(attempt) ? Number(attempt) : 0;
}
