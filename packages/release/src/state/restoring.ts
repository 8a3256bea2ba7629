import type { Decision, ReleaseEvent } from './events.ts';
import { trimHistory } from './history.ts';
import type { ReleaseEntry } from './release-entry.ts';
import {
  changingRelease,
  isSettled,
  provenRelease,
  releasesWithMigrations,
  type TargetState,
} from './target-state.ts';

/** A restore begins, or goes elsewhere. */
export function restore(
  state: TargetState,
  event: Extract<ReleaseEvent, { kind: 'restore' }>,
  now: Date,
): Decision {
  const entry = state.releases.find(({ sequence }) => sequence === event.sequence);
  const expected = changingRelease(state) ?? provenRelease(state);
  if (!entry || entry !== expected)
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const isKnown = event.run === null || entry.takenBackBy?.includes(event.run);
  if (entry.phase === 'restoring' && entry.restoredSequence === event.to && isKnown)
    return { kind: 'unchanged', release: entry };
  const isElsewhere = entry.restoredSequence !== event.to;
  const { asked, ...rest } = isElsewhere ? withoutSwap(entry) : entry;
  const changed: ReleaseEntry = {
    ...rest,
    ...(event.run === null ? {} : { asked: true }),
    ...takenBack(entry, event.run),
    phase: 'restoring',
    restoredSequence: event.to,
    changedAt: now.toISOString(),
  };
  return { kind: 'changed', state: replaceEntry(failOthers(state, changed), changed), release: changed };
}

/** Runs that are remembered for each release. */
const maxRuns = 20;

/** The run that has taken a release back is remembered with it. */
export function takenBack({ takenBackBy = [] }: ReleaseEntry, run: string | null): Partial<ReleaseEntry> {
  if (run === null) return {};
  return { takenBackBy: [...takenBackBy.filter((one) => one !== run), run].slice(-maxRuns) };
}

/** The same database is not restored twice: what was written since would be lost. */
export function swapping(
  state: TargetState,
  { sequence, old }: Extract<ReleaseEvent, { kind: 'swapping' }>,
  now: Date,
): Decision {
  const entry = state.releases.find((one) => one.sequence === sequence);
  if (entry?.phase !== 'restoring')
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  if (entry.oldDatabase === old) return { kind: 'unchanged', release: entry };
  const changed = { ...entry, oldDatabase: old, changedAt: now.toISOString() };
  return { kind: 'changed', state: replaceEntry(state, changed), release: changed };
}

function withoutSwap({ oldDatabase, ...entry }: ReleaseEntry): ReleaseEntry {
  return entry;
}

/** The database is as what serves again left it: nothing that came later speaks against going back any more. */
export function reverted(state: TargetState, sequence: number, now: Date): Decision {
  const entry = state.releases.find((one) => one.sequence === sequence);
  const serving = entry?.restoredSequence ?? null;
  if (entry?.phase !== 'restoring' || serving === null)
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const oldest = releasesWithMigrations(state, serving).at(-1);
  if (!oldest) return { kind: 'unchanged', release: entry };
  const releases = state.releases.map(
    // Later ones without migrations of their own relied on the ones that are gone.
    (one): ReleaseEntry => (one.sequence >= oldest.sequence ? { ...one, reverted: true } : one),
  );
  const found = releases.find((one) => one.sequence === sequence) ?? entry;
  const changed = { ...withoutSwap(found), changedAt: now.toISOString() };
  return { kind: 'changed', state: replaceEntry({ ...state, releases }, changed), release: changed };
}

/** Whether a release that is being replaced was proven, and has the database that it was proven on. */
export function mayServeAgain({ phase, provenAt, oldDatabase, reverted }: ReleaseEntry): boolean {
  return phase === 'restoring' && provenAt !== null && oldDatabase === undefined && reverted !== true;
}

/**
 * The end of a restore after which the release that was to be replaced serves whole: nothing was replaced, or all of it was
 * put back. The run that began it is remembered as one that took the release back: run again later, it must not take back
 * what somebody has made of the target since.
 */
export function callOff(state: TargetState, sequence: number, now: Date): Decision {
  const entry = state.releases.find((one) => one.sequence === sequence);
  if (entry?.phase === 'proven') return { kind: 'unchanged', release: entry };
  if (!entry || !mayServeAgain(entry))
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const { asked, ...rest } = entry;
  const at = now.toISOString();
  const changed: ReleaseEntry = { ...rest, phase: 'proven', restoredSequence: null, changedAt: at };
  // One that was begun to replace it would be rolled back to what was proven then.
  return { kind: 'changed', state: replaceEntry(failOthers(state, changed), changed), release: changed };
}

/**
 * The end of a restore. What serves again is the last proven release from now on: it is proven again when it was rolled
 * back before, and those that came after it are not any more.
 */
export function restored(state: TargetState, sequence: number, now: Date): Decision {
  const entry = state.releases.find((one) => one.sequence === sequence);
  if (entry?.phase === 'restored') return { kind: 'unchanged', release: entry };
  if (entry?.phase !== 'restoring')
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const serving = entry.restoredSequence;
  // What it found may have been made by a release whose entry cannot be read; those before that one are still proven.
  const newest = serving ?? entry.previousSequence ?? 0;
  const at = now.toISOString();
  const releases = state.releases.map((one): ReleaseEntry => {
    if (one.sequence === serving) return { ...one, phase: 'proven', changedAt: at };
    const isWithdrawn = one === entry || (one.phase === 'proven' && one.sequence > newest);
    return isWithdrawn ? { ...withoutSwap(one), phase: 'restored', changedAt: at } : one;
  });
  const changed = releases.find((one) => one.sequence === sequence) ?? entry;
  return { kind: 'changed', state: trimHistory({ ...state, releases }), release: changed };
}

/** From now on the target runs one unfinished release at most: this one. */
export function failOthers(state: TargetState, { sequence, changedAt }: ReleaseEntry): TargetState {
  const releases = state.releases.map(
    (one): ReleaseEntry =>
      isSettled(one) || one.sequence === sequence ? one : { ...one, phase: 'failed', changedAt },
  );
  return { ...state, releases };
}

/** The state with another entry in place of the one of that sequence. */
export function replaceEntry(state: TargetState, entry: ReleaseEntry): TargetState {
  const releases = state.releases.map((one) => (one.sequence === entry.sequence ? entry : one));
  return trimHistory({ ...state, releases });
}
