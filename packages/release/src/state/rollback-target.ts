import { UserError } from '@slipway/kernel';
import { wholeReleases } from './history.ts';
import { type ReleasedService, type ReleaseEntry, releaseName } from './release-entry.ts';
import { mayServeAgain } from './restoring.ts';
import {
  changingRelease,
  isSettled,
  provenRelease,
  releasesWithMigrations,
  type TargetState,
  unfinishedRelease,
} from './target-state.ts';

/** Where a rollback goes. */
export type RollbackTarget =
  /** `proven`: the release that would be left or was asked for, when it is the proven one: it should serve. */
  | { kind: 'nothing'; reason: string; proven: ReleaseEntry | null }
  /** A release that changed no service yet: it is only marked as failed. */
  | { kind: 'give-up'; from: ReleaseEntry }
  | RestoreTarget;

export interface RestoreTarget {
  kind: 'restore';
  /** The release that stops to serve. */
  from: ReleaseEntry;
  /** The release that serves again; null restores what `from` found, which Slipway did not make. */
  to: ReleaseEntry | null;
  services: Readonly<Record<string, ReleasedService | null>>;
  /** The releases since then whose migrations are in the database, whatever became of them; newest first. */
  migrated: readonly ReleaseEntry[];
  /** The newest of them that contracted the schema. */
  contracted: ReleaseEntry | null;
  /** The release whose entry says what comes back has run on: `to`, or `from` when that has none. null when nothing comes back. */
  proof: ReleaseEntry | null;
}

/** Whether anything serves after the rollback: nothing does where nothing was proven before. Pure. */
export function comesBack({ services }: Pick<RestoreTarget, 'services'>): boolean {
  return Object.values(services).some((service) => service !== null);
}

/** The releases that the target may run during a rollback, by id; null is what Slipway did not make. Pure. */
export function releasesInvolved({
  from,
  services,
}: Pick<RestoreTarget, 'from' | 'services'>): (string | null)[] {
  return [from.id, ...Object.values(services).flatMap((service) => (service ? [service.release] : []))];
}

/** The releases that a rollback leaves, newest first, whatever became of them. Pure. */
export function releasesLeft(
  { releases }: Pick<TargetState, 'releases'>,
  { from, to }: Pick<RestoreTarget, 'from' | 'to'>,
): ReleaseEntry[] {
  const serving = to?.sequence ?? from.previousSequence ?? 0;
  return releases.filter(({ sequence }) => sequence > serving);
}

/** The name of what is restored. */
export function describeDestination({ to }: Pick<RestoreTarget, 'to'>): string {
  return to ? releaseName(to) : 'what ran before';
}

/**
 * Chooses what to restore, from the state alone. Pure.
 * @param to `own` or `unfinished`, `previous`, a version or a release id.
 * @param only With `own` and `unfinished`: the release that may be put back, so that a late rescue never touches a newer one; and
 * whether a later step of its run failed, so that it is put back although its rollout alone had proven it.
 * @param run With `previous` and a named release: the run that asks. What it has begun it completes; what it has completed is
 * not done once more.
 * @throws UserError when the release that was asked for was not proven on the target, or is not retained.
 */
export function chooseRollback(
  state: TargetState,
  to: string,
  only?: { id: string; hasFailed: boolean },
  run: string | null = null,
): RollbackTarget {
  if (to === 'own' || to === 'unfinished') return chooseUnfinished(state, only);
  const own = run === null ? undefined : state.releases.find((one) => one.takenBackBy?.includes(run));
  if (own?.phase === 'restoring') return restoreTarget(state, own, releaseBy(state, own.restoredSequence));
  if (own?.phase === 'proven')
    return nothing(
      `${releaseName(own)} serves, although this run was to take it back; a new run tries again`,
    );
  if (own) return nothing(`this run has taken ${releaseName(own)} back already; a new run goes back further`);
  const changing = changingRelease(state);
  const begun = unfinishedRelease(state);
  // What runs is what was proven last: it is not the one to go back from.
  if (begun && !changing && to === 'previous') return { kind: 'give-up', from: begun };
  const from = changing ?? provenRelease(state);
  if (!from)
    throw new UserError(
      `${state.releases.length > 0 ? 'no release is proven' : 'there is no release of Slipway'} on the target: there is nothing to roll back`,
    );
  if (!changing && isNamed(from, to)) return nothing(`${releaseName(from)} is the proven release`, from);
  // A rollback that is not complete is taken back.
  if (mayServeAgain(from) && isNamed(from, to)) return restoreProven(state, from);
  const found = restorable(state, from).find((one) => matches(one, state, from, to));
  if (found) return restoreTarget(state, from, found);
  const known = [...new Set(restorable(state, from).map(({ version }) => version))];
  const what = to === 'previous' ? 'no proven release before the one that runs' : `no proven release "${to}"`;
  throw new UserError(`there is ${what} on the target`, {
    hint:
      known.length > 0
        ? `Releases that can be restored: ${known.join(', ')}.`
        : 'There are no other releases to restore.',
  });
}

/** Newest first: releases that were proven, of which everything is retained, and whose schema was not taken back. */
function restorable(state: TargetState, from: ReleaseEntry): ReleaseEntry[] {
  return wholeReleases(state).filter((one) => one !== from && one.provenAt !== null && one.reverted !== true);
}

function matches(one: ReleaseEntry, state: TargetState, from: ReleaseEntry, to: string): boolean {
  if (to !== 'previous') return isNamed(one, to);
  // A release that was rolled back on demand was found bad by somebody: it is restored only by its name.
  return (
    one.phase === 'proven' &&
    (from.phase === 'proven' ? one.sequence < from.sequence : one === provenRelease(state))
  );
}

function isNamed({ version, id }: ReleaseEntry, name: string): boolean {
  return version === name.replace(/^v(?=\d)/, '') || id === name;
}

/**
 * Chooses what a rollback of the next release would restore, as the state is now: what an unfinished release replaced, which
 * the next one settles first, or else the proven release. Pure.
 */
export function chooseNextRollback(
  state: TargetState,
): Extract<RollbackTarget, { kind: 'nothing' | 'restore' }> {
  const changing = changingRelease(state);
  if (changing) {
    const target = restoreReplaced(state, changing);
    return comesBack(target)
      ? target
      : nothing(`nothing was proven before ${releaseName(changing)}, which never finished`);
  }
  const proven = provenRelease(state);
  if (!proven) return nothing('no release is proven on the target');
  return restoreProven(state, proven);
}

/** What a release that changes services replaced; where it goes already, when it is being restored. */
function restoreReplaced(state: TargetState, entry: ReleaseEntry): RestoreTarget {
  const { phase, restoredSequence, previousSequence } = entry;
  return restoreTarget(
    state,
    entry,
    releaseBy(state, phase === 'restoring' ? restoredSequence : previousSequence),
  );
}

function chooseUnfinished(
  state: TargetState,
  only: { id: string; hasFailed: boolean } | undefined,
): RollbackTarget {
  const [newest] = state.releases;
  if (!newest) return nothing('no release was started on this target');
  const unfinished = unfinishedRelease(state);
  // A rollback that was cut off restores an older release than the newest one, when that had failed before.
  const own = only ? state.releases.find(({ id }) => id === only.id) : (unfinished ?? newest);
  if (!own)
    return nothing(`${only?.id} changed nothing here; the newest release on the target is ${newest.id}`);
  if (unfinished && own !== unfinished)
    return nothing(`the release ${releaseName(own)} ${describeEnd(own)}, and ${unfinished.id} is unfinished`);
  if (own === provenRelease(state) && only?.hasFailed)
    return restoreTarget(state, own, releaseBy(state, own.previousSequence));
  if (!unfinished)
    return nothing(
      `the release ${releaseName(own)} ${describeEnd(own)}`,
      own === provenRelease(state) ? own : null,
    );
  if (unfinished.phase === 'begun' || unfinished.phase === 'migrated')
    return { kind: 'give-up', from: unfinished };
  return restoreReplaced(state, unfinished);
}

function nothing(
  reason: string,
  proven: ReleaseEntry | null = null,
): Extract<RollbackTarget, { kind: 'nothing' }> {
  return { kind: 'nothing', reason, proven };
}

/** Restores the proven release over whatever has replaced it by hand, or by a rollback that is not complete. Pure. */
export function restoreProven(state: TargetState, proven: ReleaseEntry): RestoreTarget {
  return { ...restoreTarget(state, proven, proven), services: proven.services };
}

function releaseBy({ releases }: TargetState, sequence: number | null): ReleaseEntry | null {
  return releases.find((one) => one.sequence === sequence) ?? null;
}

function describeEnd(entry: ReleaseEntry): string {
  const { phase } = entry;
  if (!isSettled(entry)) return 'is to be replaced by a newer release';
  if (phase === 'proven') return 'is proven';
  return phase === 'restored' ? 'was already rolled back' : 'failed, or was replaced by a newer release';
}

function restoreTarget(state: TargetState, from: ReleaseEntry, to: ReleaseEntry | null): RestoreTarget {
  const services = restoredServices(state, from, to);
  const hasAny = comesBack({ services });
  const migrated = hasAny ? releasesWithMigrations(state, to?.sequence ?? 0) : [];
  return {
    kind: 'restore',
    from,
    to,
    services,
    migrated,
    contracted: migrated.find(({ database }) => database === 'contract') ?? null,
    proof: hasAny ? (to ?? from) : null,
  };
}

/** The services of the release that comes back; one that it did not have becomes what the first later release found. */
function restoredServices(
  state: TargetState,
  from: ReleaseEntry,
  to: ReleaseEntry | null,
): Record<string, ReleasedService | null> {
  if (to === null || to.sequence === from.previousSequence) return { ...from.previous, ...to?.services };
  const later = state.releases.filter(({ sequence }) => sequence > to.sequence && sequence <= from.sequence);
  const found = later.map(({ previous }) => previous);
  return Object.assign({}, ...found, to.services);
}
