import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  applyEvent,
  chooseRollback,
  emptyState,
  type ReleaseEvent,
  type TargetState,
  wholeReleases,
} from '../../../packages/release/src/index.ts';
import { trimHistory } from '../../../packages/release/src/state/history.ts';
import { releaseEntry } from '../../support/releases.ts';

/** What one run does to the target. */
type Run = 'proven' | 'rolled back' | 'given up' | 'unfinished' | 'previous' | { to: number };

const preexisting = { web: { image: { repository: 'r/web', tag: 'old', digest: null }, release: null } };

function send(state: TargetState, event: ReleaseEvent, now = new Date(0)): TargetState {
  const decision = applyEvent(state, event, now);
  return decision.kind === 'changed' ? decision.state : state;
}

/** The state after a release; what an earlier one left is settled first. */
function release(before: TargetState, run: Exclude<Run, 'previous' | object>, now?: Date): TargetState {
  const state = settled(before, now);
  const version = `${state.sequence + 1}.0.0`;
  const id = `${version}-1`;
  const identity = { id, version, commit: 'c', run: { id: '1', attempt: '1', actor: '', url: '' } };
  const web = { image: { repository: 'r/web', tag: null, digest: `sha256:${version}` }, release: id };
  // Later ones find what Slipway has restored, at best.
  const isFirst = state.releases.every(({ phase }) => phase === 'failed');
  const events: ReleaseEvent[] = [
    { kind: 'begin', release: identity, isOlder: false, allowDowngrade: false },
    { kind: 'migrated', id, database: 'none' },
  ];
  if (run === 'given up') events.push({ kind: 'give-up', id });
  else
    events.push(
      { kind: 'rolling', id, services: { web }, preexisting: isFirst ? preexisting : {}, database: 'none' },
      { kind: 'serving', id },
    );
  if (run === 'proven') events.push({ kind: 'proven', id });
  const after = events.reduce((one, event) => send(one, event, now), state);
  return run === 'rolled back' ? settled(after, now) : after;
}

function settled(state: TargetState, now?: Date): TargetState {
  return rollBack(state, 'unfinished', now);
}

function rollBack(state: TargetState, to: string, now?: Date): TargetState {
  const target = chooseRollback(state, to);
  if (target.kind !== 'restore') return state;
  const { sequence } = target.from;
  const restoring = send(
    state,
    { kind: 'restore', sequence, to: target.to?.sequence ?? null, run: null },
    now,
  );
  return send(restoring, { kind: 'restored', sequence }, now);
}

/** The releases that are proven, newest first, as somebody who never forgets counts them. */
function afterRun(proven: readonly number[], run: Run, sequence: number): number[] {
  if (run === 'proven') return [sequence, ...proven];
  if (run === 'previous') return proven.length > 1 ? proven.slice(1) : [...proven];
  return [...proven];
}

const runs = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Run>('proven') },
    { weight: 4, arbitrary: fc.constantFrom<Run>('rolled back', 'given up', 'unfinished') },
    { weight: 2, arbitrary: fc.constant<Run>('previous') },
  ),
  { maxLength: 40 },
);

/** The state after some runs, and what was proven by then. */
function afterRuns(
  list: readonly Run[],
  now?: Date,
): { state: TargetState; proven: number[]; retained: number[] } {
  let state = emptyState('shop', 'production');
  let proven: number[] = [];
  let retained: number[] = [];
  for (const run of list) {
    if (run === 'previous') {
      state = settled(state, now);
      if (!retained.includes(proven[1] ?? 0)) continue;
      state = rollBack(state, 'previous', now);
    } else if (typeof run === 'string') state = release(state, run, now);
    proven = afterRun(proven, run, state.sequence);
    // What had been trimmed before later ones were rolled back is gone.
    retained = proven.slice(0, 5).filter((one) => retained.includes(one) || one === state.sequence);
  }
  return { state, proven, retained };
}

describe('whatever happened to other releases', () => {
  test('the last five that were proven are retained whole', () => {
    fc.assert(
      fc.property(runs, (list) => {
        const { state, retained } = afterRuns(list);
        const whole = wholeReleases(state).map(({ sequence }) => sequence);
        for (const sequence of retained) {
          expect(whole).toContain(sequence);
          expect(state.releases.find((one) => one.sequence === sequence)?.services).toHaveProperty('web');
        }
      }),
    );
  });

  test('previous is the release that was proven before the last one', () => {
    fc.assert(
      fc.property(runs, (list) => {
        const { state, proven, retained } = afterRuns(list);
        fc.pre(retained.includes(proven[1] ?? 0));
        expect(chooseRollback(settled(state), 'previous')).toMatchObject({ to: { sequence: proven[1] } });
      }),
    );
  });

  test('what ran before the first release is not forgotten until one is proven', () => {
    fc.assert(
      fc.property(runs, (list) => {
        const { state } = afterRuns(list.filter((run) => run !== 'proven' && run !== 'previous'));
        const { releases } = release(state, 'unfinished');
        expect(releases[0]?.previous).toEqual(preexisting);
      }),
    );
  });

  test('sequence numbers decrease from the newest to the oldest', () => {
    fc.assert(
      fc.property(runs, (list) => {
        const sequences = afterRuns(list).state.releases.map(({ sequence }) => sequence);
        expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => b - a));
      }),
    );
  });

  test('no clock decides anything', () => {
    const timeless = (state: TargetState) =>
      state.releases.map(({ begunAt, changedAt, provenAt, ...one }) => ({
        ...one,
        wasProven: provenAt !== null,
      }));
    fc.assert(
      fc.property(
        runs,
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-01-01') }),
        (list, now) => {
          expect(timeless(afterRuns(list, now).state)).toEqual(timeless(afterRuns(list).state));
        },
      ),
    );
  });
});

describe('of the releases on a target', () => {
  const many = (count: number, phase: 'failed' | 'restored') =>
    Array.from({ length: count }, (_, index) => releaseEntry({ sequence: 1000 - index, phase }));
  const state = (...releases: TargetState['releases']): TargetState => ({
    ...emptyState('a', 'e'),
    releases,
  });

  test('a hundred lines stay', () => {
    const releases = many(120, 'failed');
    expect(trimHistory(state(...releases)).releases).toHaveLength(100);
  });

  test('the last proven one stays, however many failed since', () => {
    const proven = releaseEntry({ sequence: 1 });
    expect(trimHistory(state(...many(120, 'restored'), proven)).releases).toContainEqual(proven);
  });

  test('the last one that lists contract migrations stays', () => {
    const proven = Array.from({ length: 6 }, (_, index) => releaseEntry({ sequence: 20 - index }));
    const listing = releaseEntry({ sequence: 2, contracts: ['002'] });
    const { releases } = trimHistory(state(...many(120, 'restored'), ...proven, listing));
    expect(releases.at(-1)).toMatchObject({ sequence: 2, contracts: ['002'] });
  });

  test('one that was never proven has no services any more', () => {
    const web = { image: { repository: 'r', tag: null, digest: 'sha256:1' }, release: null };
    const failed = releaseEntry({ sequence: 2, phase: 'restored', services: { web } });
    expect(trimHistory(state(failed, releaseEntry({ sequence: 1 }))).releases[0]?.services).toEqual({});
  });

  test('entries that cannot be read go with the next write', () => {
    expect(trimHistory({ ...state(), unreadable: ['release 1'] }).unreadable).toEqual([]);
  });
});
