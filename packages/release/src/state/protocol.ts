import type { Decision, ReleaseEvent } from './events.ts';
import { trimHistory } from './history.ts';
import { encodeServices, type ReleaseEntry, type ReleasePhase } from './release-entry.ts';
import {
  callOff,
  failOthers,
  replaceEntry,
  restore,
  restored,
  reverted,
  swapping,
  takenBack,
} from './restoring.ts';
import { changingRelease, provenRelease, type TargetState, unfinishedRelease } from './target-state.ts';

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
    case 'swapping':
      return swapping(state, event, now);
    case 'reverted':
      return reverted(state, event.sequence, now);
    case 'call-off':
      return callOff(state, event.sequence, now);
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
  if (event.kind === 'serving') return event.health ? { health: event.health } : {};
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
 * Slipway did not make, else what an earlier release found of that. What was noted once remains: later,
 * what runs is in part the release itself. Pure.
 */
export function previousServices(
  state: TargetState,
  entry: ReleaseEntry,
  { services, preexisting }: Pick<Extract<ReleaseEvent, { kind: 'rolling' }>, 'services' | 'preexisting'>,
): ReleaseEntry['previous'] {
  const proven = provenRelease(state)?.services ?? {};
  const names = Object.keys(services);
  const known = new Set<string | null>(state.releases.map(({ id }) => id));
  const found = (name: string) => (one: ReleaseEntry) =>
    one.previous[name] && !known.has(one.previous[name].release);
  const earlier = (name: string) => state.releases.find(found(name))?.previous[name];
  return Object.fromEntries(
    names.map((name) => [
      name,
      entry.previous[name] ?? proven[name] ?? preexisting[name] ?? earlier(name) ?? null,
    ]),
  );
}
