import { trimHistory } from './history.ts';
import {
  encodeServices,
  type ReleasedService,
  type ReleaseEntry,
  type ReleasePhase,
  type ReleaseRun,
} from './release-entry.ts';
import {
  changingRelease,
  isSettled,
  provenRelease,
  type TargetState,
  unfinishedRelease,
} from './target-state.ts';

/** What identifies a release before anything is known of its images. */
interface ReleaseIdentity {
  id: string;
  version: string;
  commit: string;
  run: ReleaseRun;
}

/** What happened, or is about to happen, to the release of the run that holds the lease. */
export type ReleaseEvent =
  | {
      kind: 'begin';
      release: ReleaseIdentity;
      /** Whether its commit or version is older than that of the proven release. */
      isOlder: boolean;
      allowDowngrade: boolean;
      /**
       * The unfinished release, by its sequence, when what it replaced cannot be restored: this one is rolled out over it.
       * Until then that one remains unfinished.
       */
      replaces?: number | undefined;
    }
  | {
      /** Before the first migration is applied: a run that is killed in the middle has still said what they mean. */
      kind: 'migrating';
      id: string;
      database: ReleaseEntry['database'];
    }
  | { kind: 'migrated'; id: string; database: ReleaseEntry['database']; contracts?: string[] | undefined }
  | {
      /** Before the first service is changed, and again by a run that continues. */
      kind: 'rolling';
      id: string;
      services: Record<string, ReleasedService>;
      /** What was observed to run that no release of Slipway made; null where nothing did. */
      preexisting: Readonly<Record<string, ReleasedService | null>>;
      database: ReleaseEntry['database'];
      contracts?: string[] | undefined;
    }
  | { kind: 'serving'; id: string }
  | {
      kind: 'proven';
      id: string;
      /** What its smoke test proved: a rollback to it has that proven again. */
      smoke?: ReleaseEntry['smoke'];
    }
  | {
      /** The release ends before it changed a service. The migrations that it applied stay. */
      kind: 'give-up';
      id: string;
      /** As with `restore`. */
      run?: string | null;
      database?: ReleaseEntry['database'];
      contracts?: string[] | undefined;
    }
  | {
      kind: 'restore';
      /** The release that stops to serve: the one that changes services, else the proven one. One that was only begun fails. */
      sequence: number;
      /** The release that serves again, by its sequence; null restores what the release found. */
      to: number | null;
      /**
       * The run of a person who takes it back; null for what settles an unfinished release, and outside a workflow run,
       * where nothing says which later one is the same.
       */
      run: string | null;
    }
  | { kind: 'restored'; sequence: number };

/** What the protocol says to an event. Only with `changed` is there something to write. */
export type Decision =
  | { kind: 'changed'; state: TargetState; release: ReleaseEntry }
  /** The state says so already: a repeated event, or a run that continues. */
  | { kind: 'unchanged'; release: ReleaseEntry }
  /** The same release serves and is proven: nothing is left to do. */
  | { kind: 'proven-already'; release: ReleaseEntry }
  /** Another release is unfinished: it is settled first. */
  | { kind: 'unsettled'; release: ReleaseEntry }
  | { kind: 'refused'; reason: Refusal };

type Refusal =
  /** A newer release than this one is proven. */
  | { kind: 'older'; proven: ReleaseEntry }
  /** The target does not have this release in the phase that the event needs. */
  | { kind: 'out-of-order'; release: ReleaseEntry | null };

/**
 * The protocol of a release: what an event makes of the state on the target. Pure and total. Every event can be repeated:
 * the second time changes nothing. Who may send one is decided before, by the lease and its fencing number.
 * @param now By the clock of the target.
 */
export function applyEvent(state: TargetState, event: ReleaseEvent, now: Date): Decision {
  switch (event.kind) {
    case 'begin':
      return begin(state, event, now);
    case 'restore':
      return restore(state, event, now);
    case 'restored':
      return restored(state, event.sequence, now);
    default:
      return advance(state, event, now);
  }
}

function begin(state: TargetState, event: Extract<ReleaseEvent, { kind: 'begin' }>, now: Date): Decision {
  const { release } = event;
  const unfinished = unfinishedRelease(state);
  if (unfinished?.id === release.id && unfinished.phase !== 'restoring')
    return { kind: 'unchanged', release: unfinished };
  const isReplaced = unfinished?.sequence === event.replaces && unfinished === changingRelease(state);
  if (unfinished && !isReplaced) return { kind: 'unsettled', release: unfinished };
  const proven = provenRelease(state);
  if (proven?.id === release.id) return { kind: 'proven-already', release: proven };
  if (proven && !event.allowDowngrade && (event.isOlder || wasOvertaken(state, release.id, proven)))
    return { kind: 'refused', reason: { kind: 'older', proven } };
  const at = now.toISOString();
  const entry: ReleaseEntry = {
    sequence: state.sequence + 1,
    ...release,
    phase: 'begun',
    begunAt: at,
    changedAt: at,
    provenAt: null,
    services: {},
    previous: {},
    previousSequence: proven?.sequence ?? null,
    restoredSequence: null,
    database: 'none',
  };
  const next = { ...state, sequence: entry.sequence, releases: [entry, ...state.releases] };
  return { kind: 'changed', state: trimHistory(next), release: entry };
}

/** Whether the same release was begun before the proven one: the re-run of an old run. */
function wasOvertaken(state: TargetState, id: string, proven: ReleaseEntry): boolean {
  return state.releases.some((one) => one.id === id && one.sequence < proven.sequence);
}

type Advance = Extract<ReleaseEvent, { id: string }>;

/** From which phases an event leads where. */
const advances = {
  migrating: { from: ['begun'], to: 'begun' },
  migrated: { from: ['begun'], to: 'migrated' },
  // A run that continues may have built its images again.
  rolling: { from: ['begun', 'migrated', 'rolling', 'serving'], to: 'rolling' },
  serving: { from: ['rolling'], to: 'serving' },
  proven: { from: ['serving'], to: 'proven' },
  'give-up': { from: ['begun', 'migrated'], to: 'failed' },
} as const satisfies Record<Advance['kind'], { from: readonly ReleasePhase[]; to: ReleasePhase }>;

/** The order of phases on the way to `proven`. */
const forward: readonly ReleasePhase[] = ['begun', 'migrated', 'rolling', 'serving', 'proven'];

/** Whether the phase is the one that an event leads to, or a later one: then it was delivered before. */
function wasDelivered(phase: ReleasePhase, to: ReleasePhase): boolean {
  return phase === to || (forward.includes(to) && forward.indexOf(phase) > forward.indexOf(to));
}

function advance(state: TargetState, event: Advance, now: Date): Decision {
  const entry = state.releases.find(({ id }) => id === event.id);
  const { from, to } = advances[event.kind];
  if (!entry) return { kind: 'refused', reason: { kind: 'out-of-order', release: null } };
  if (wasDelivered(entry.phase, to) && !isNews(entry, event)) return { kind: 'unchanged', release: entry };
  const phases: readonly ReleasePhase[] = from;
  if (!phases.includes(entry.phase) || entry !== unfinishedRelease(state))
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry } };
  const at = now.toISOString();
  const provenAt = event.kind === 'proven' ? { provenAt: at } : {};
  const changed = { ...entry, ...learned(state, entry, event), ...provenAt, phase: to, changedAt: at };
  const next = event.kind === 'rolling' ? failOthers(state, changed) : state;
  return { kind: 'changed', state: replaceEntry(next, changed), release: changed };
}

/** Whether an event that was delivered before says something else this time. */
function isNews(entry: ReleaseEntry, event: Advance): boolean {
  if (event.kind === 'migrating') return entry.phase === 'begun' && entry.database !== event.database;
  if (event.kind !== 'rolling' || entry.phase === 'proven') return false;
  // A run that continues changes services that serve already, or replaces other images than before.
  if (entry.phase === 'serving') return true;
  return JSON.stringify(encodeServices(entry.services)) !== JSON.stringify(encodeServices(event.services));
}

/** What an event adds to the entry of its release. */
function learned(state: TargetState, entry: ReleaseEntry, event: Advance): Partial<ReleaseEntry> {
  if (event.kind === 'migrating') return { database: event.database };
  if (event.kind === 'give-up') return { ...schemaOf(event), ...takenBack(entry, event.run ?? null) };
  if (event.kind === 'migrated') return schemaOf(event);
  if (event.kind === 'proven') return event.smoke ? { smoke: event.smoke } : {};
  if (event.kind !== 'rolling') return {};
  const services = { ...event.services };
  return { services, previous: previousServices(state, entry, event), ...schemaOf(event) };
}

function schemaOf({
  database,
  contracts,
}: Partial<Pick<ReleaseEntry, 'database' | 'contracts'>>): Partial<ReleaseEntry> {
  return { ...(database ? { database } : {}), ...(contracts ? { contracts } : {}) };
}

/**
 * What each service of a release is restored to: what the last proven release made of it, else what was found that
 * Slipway did not make, else what an earlier release found that was never proven. What was noted once remains: later,
 * what runs is in part the release itself. Pure.
 */
export function previousServices(
  state: TargetState,
  entry: ReleaseEntry,
  { services, preexisting }: Pick<Extract<ReleaseEvent, { kind: 'rolling' }>, 'services' | 'preexisting'>,
): ReleaseEntry['previous'] {
  const proven = provenRelease(state)?.services ?? {};
  const names = Object.keys(services);
  const earlier = (name: string) => state.releases.find(({ previous }) => previous[name])?.previous[name];
  return Object.fromEntries(
    names.map((name) => [
      name,
      entry.previous[name] ?? proven[name] ?? preexisting[name] ?? earlier(name) ?? null,
    ]),
  );
}

/** From now on the target runs one unfinished release at most: this one. */
function failOthers(state: TargetState, { sequence, changedAt }: ReleaseEntry): TargetState {
  const releases = state.releases.map(
    (one): ReleaseEntry =>
      isSettled(one) || one.sequence === sequence ? one : { ...one, phase: 'failed', changedAt },
  );
  return { ...state, releases };
}

function restore(state: TargetState, event: Extract<ReleaseEvent, { kind: 'restore' }>, now: Date): Decision {
  const entry = state.releases.find(({ sequence }) => sequence === event.sequence);
  const expected = changingRelease(state) ?? provenRelease(state);
  if (!entry || entry !== expected)
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const isKnown = event.run === null || entry.takenBackBy?.includes(event.run);
  if (entry.phase === 'restoring' && entry.restoredSequence === event.to && isKnown)
    return { kind: 'unchanged', release: entry };
  const changed: ReleaseEntry = {
    ...entry,
    ...takenBack(entry, event.run),
    phase: 'restoring',
    restoredSequence: event.to,
    changedAt: now.toISOString(),
  };
  return { kind: 'changed', state: replaceEntry(failOthers(state, changed), changed), release: changed };
}

/** Runs that are remembered for each release. */
const maxRuns = 20;

function takenBack({ takenBackBy = [] }: ReleaseEntry, run: string | null): Partial<ReleaseEntry> {
  if (run === null) return {};
  return { takenBackBy: [...takenBackBy.filter((one) => one !== run), run].slice(-maxRuns) };
}

/**
 * The end of a restore. What serves again is the last proven release from now on: it is proven again when it was rolled
 * back before, and those that came after it are not any more.
 */
function restored(state: TargetState, sequence: number, now: Date): Decision {
  const entry = state.releases.find((one) => one.sequence === sequence);
  if (entry?.phase === 'restored') return { kind: 'unchanged', release: entry };
  if (entry?.phase !== 'restoring')
    return { kind: 'refused', reason: { kind: 'out-of-order', release: entry ?? null } };
  const serving = entry.restoredSequence;
  const at = now.toISOString();
  const releases = state.releases.map((one): ReleaseEntry => {
    if (one.sequence === serving) return { ...one, phase: 'proven', changedAt: at };
    const isWithdrawn = one === entry || (one.phase === 'proven' && one.sequence > (serving ?? 0));
    return isWithdrawn ? { ...one, phase: 'restored', changedAt: at } : one;
  });
  const changed = releases.find((one) => one.sequence === sequence) ?? entry;
  return { kind: 'changed', state: trimHistory({ ...state, releases }), release: changed };
}

function replaceEntry(state: TargetState, entry: ReleaseEntry): TargetState {
  const releases = state.releases.map((one) => (one.sequence === entry.sequence ? entry : one));
  return trimHistory({ ...state, releases });
}
