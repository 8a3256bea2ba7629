import type { ReleaseEntry, ReleaseEvent, TargetState } from '../../../packages/release/src/index.ts';
import { type Mutant, type Subject, shipped } from './subject.ts';

const { applyEvent, chooseRollback } = shipped;

/** The protocol with another state before, or another state after an event of some kinds. */
function changed(
  kinds: readonly ReleaseEvent['kind'][],
  change: { before?: (state: TargetState) => TargetState; after?: (state: TargetState) => TargetState },
): Subject {
  return {
    ...shipped,
    applyEvent: (state, event, now) => {
      if (!kinds.includes(event.kind)) return applyEvent(state, event, now);
      const decision = applyEvent(change.before?.(state) ?? state, event, now);
      if (decision.kind !== 'changed' || !change.after) return decision;
      return { ...decision, state: change.after(decision.state) };
    },
  };
}

function mapEntries(state: TargetState, change: (entry: ReleaseEntry) => ReleaseEntry): TargetState {
  return { ...state, releases: state.releases.map(change) };
}

const unsettled = ['begun', 'migrated', 'rolling', 'serving', 'restoring'];

/** An unfinished release becomes something else before the next one is begun. */
function settledAs(phase: ReleaseEntry['phase']) {
  return (state: TargetState) =>
    mapEntries(state, (one) => (unsettled.includes(one.phase) ? { ...one, phase } : one));
}

/** `previous` is what the release before left, whatever became of it. */
function lastInsteadOfProven(state: TargetState): TargetState {
  const [newest, before] = state.releases;
  if (!newest || !before || newest.phase !== 'rolling') return state;
  const previous = Object.keys(before.services).length > 0 ? before.services : before.previous;
  const changedEntry = { ...newest, previous, previousSequence: before.sequence };
  return { ...state, releases: [changedEntry, ...state.releases.slice(1)] };
}

/** Loses what the services of an unfinished release are restored to. */
function forgetPrevious(state: TargetState): TargetState {
  return mapEntries(state, (one) => (one.provenAt === null ? { ...one, previous: {} } : one));
}

function allEventsAs(kind: 'rolling', change: (state: TargetState) => TargetState): Subject {
  return {
    ...shipped,
    applyEvent: (state, event, now) => {
      if (event.kind !== kind) return applyEvent(state, event, now);
      // Decided again, as if it had never been sent.
      const again = mapEntries(state, (one) =>
        one.phase === 'rolling' ? { ...one, phase: 'migrated' } : one,
      );
      return applyEvent(change(again), event, now);
    },
  };
}

/** One for each cure in the events and in the choice of a rollback target. */
export const protocolMutants: readonly Mutant[] = [
  {
    name: 'a release that is migrated again counts as taken back',
    subject: changed(['migrating', 'migrated', 'rolling'], {
      after: (state) =>
        mapEntries(state, (one) =>
          state.releases.some(({ id, reverted }) => id === one.id && reverted)
            ? { ...one, reverted: true }
            : one,
        ),
    }),
    scenario: 'a contracted schema that is taken back',
  },
  {
    name: 'a rollback restores what ran last, and not what was proven last',
    subject: { ...changed(['rolling'], { after: lastInsteadOfProven }) },
    scenario: 'a release, its rescue and another release',
  },
  {
    name: 'the order of releases is ignored',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) =>
        applyEvent(state, event.kind === 'begin' ? { ...event, allowDowngrade: true } : event, now),
    },
    scenario: 'two releases',
  },
  {
    name: 'an unfinished release is forgotten when the next one begins',
    subject: changed(['begin'], { before: settledAs('failed') }),
    scenario: 'two releases',
  },
  {
    name: 'an unfinished release counts as proven when the next one begins',
    subject: changed(['begin'], { before: settledAs('proven') }),
    scenario: 'two releases',
  },
  {
    name: 'a run that continues decides again what it replaces',
    subject: allEventsAs('rolling', forgetPrevious),
    scenario: 'a first release and its re-run, over what ran before',
  },
  {
    name: 'a restored release does not withdraw those that were proven after it',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) => {
        const decision = applyEvent(state, event, now);
        if (event.kind !== 'restored' || decision.kind !== 'changed') return decision;
        const { state: after } = decision;
        const proven = new Set(
          state.releases.filter((one) => one.provenAt !== null).map((one) => one.sequence),
        );
        const restored = (one: ReleaseEntry): ReleaseEntry =>
          proven.has(one.sequence) && one.phase === 'restored' ? { ...one, phase: 'proven' } : one;
        return { ...decision, state: mapEntries(after, restored) };
      },
    },
    scenario: 'two rollbacks and a release',
  },
  {
    name: 'a rolled-back release is still the unfinished one',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) => {
        if (event.kind !== 'restored') return applyEvent(state, event, now);
        const release = state.releases.find((one) => one.sequence === event.sequence);
        return release ? { kind: 'unchanged', release } : applyEvent(state, event, now);
      },
    },
    scenario: 'two releases',
  },
  {
    name: 'a release that changed services is given up as if it had not',
    subject: {
      ...shipped,
      chooseRollback: (state, to, only) => {
        const chosen = chooseRollback(state, to, only);
        return chosen.kind === 'restore' && to === 'unfinished'
          ? { kind: 'give-up', from: chosen.from }
          : chosen;
      },
      applyEvent: (state, event, now) =>
        applyEvent(event.kind === 'give-up' ? settledAs('begun')(state) : state, event, now),
    },
    scenario: 'two releases',
  },
  {
    name: 'sequence numbers are counted, and not given',
    subject: changed(['begin'], {
      before: (state) => ({
        ...state,
        sequence: state.releases.filter((one) => one.provenAt !== null).length,
      }),
    }),
    scenario: 'two releases',
  },
  {
    name: 'a cut-off rollback of an older release is not found',
    subject: {
      ...shipped,
      chooseRollback: (state, to, only) => {
        const [newest] = state.releases;
        return chooseRollback(state, to, only ?? (newest && { id: newest.id, hasFailed: false }));
      },
    },
    scenario: 'two releases of which one fails, and a rollback',
  },
  {
    name: 'what a migration means is written after it',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) =>
        applyEvent(state, event.kind === 'migrating' ? { ...event, database: 'none' } : event, now),
    },
    scenario: 'a contracted schema',
  },
  {
    name: 'a release that cannot be rolled back counts as failed before another one is rolled out',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) => {
        const decision = applyEvent(state, event, now);
        if (event.kind !== 'begin' || event.replaces === undefined || decision.kind !== 'changed')
          return decision;
        const failed = (one: ReleaseEntry): ReleaseEntry =>
          one.sequence === event.replaces ? { ...one, phase: 'failed' } : one;
        return { ...decision, state: mapEntries(decision.state, failed) };
      },
    },
    scenario: 'a contracted schema',
  },
  {
    name: 'a release that cannot be rolled back blocks the next one',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) =>
        applyEvent(state, event.kind === 'begin' ? { ...event, replaces: undefined } : event, now),
    },
    scenario: 'a contracted schema',
  },
  {
    name: 'services that serve already are rolled out again under the phase "serving"',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) => {
        const own = event.kind === 'rolling' && state.releases.find(({ id }) => id === event.id);
        return own && own.phase === 'serving'
          ? { kind: 'unchanged', release: own }
          : applyEvent(state, event, now);
      },
    },
    scenario: 'a release, its re-run and a newer release',
  },
  {
    name: 'a rollback does not know which run it belongs to',
    subject: {
      ...shipped,
      chooseRollback: (state, to, only) => chooseRollback(state, to, only, null),
    },
    scenario: 'a rollback, its re-run and a release',
  },
  {
    name: 'the run of a rollback is not written into the release that it takes back',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) =>
        applyEvent(state, event.kind === 'restore' ? { ...event, run: null } : event, now),
    },
    scenario: 'a rollback, its re-run and a release',
  },
  {
    name: 'a rollback that was called off leaves the release unproven',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) => {
        if (event.kind !== 'call-off') return applyEvent(state, event, now);
        const restored = { kind: 'restored' as const, sequence: event.sequence };
        return applyEvent(state, restored, now);
      },
    },
    scenario: 'two services and a rollback that cannot be done',
  },
  {
    name: 'a run whose rollback was called off is forgotten',
    subject: changed(['call-off'], {
      after: (state) => mapEntries(state, ({ takenBackBy, ...one }) => one),
    }),
    scenario: 'a rollback, its re-run and a release',
  },
  {
    name: 'the run that gives a release up on demand is not written into it',
    subject: {
      ...shipped,
      applyEvent: (state, event, now) =>
        applyEvent(state, event.kind === 'give-up' ? { ...event, run: null } : event, now),
    },
    scenario: 'a rollback, its re-run and a release',
  },
];
