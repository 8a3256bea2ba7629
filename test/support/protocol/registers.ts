import type { Model, Step } from './model.ts';
import { type ActorState, type ModelState, none, registerOf } from './model-state.ts';

/** The state with changes to one actor. */
export function withActor(now: ModelState, index: number, changes: Partial<ActorState>): ModelState {
  return {
    ...now,
    actors: now.actors.map((actor, at) => (at === index ? { ...actor, ...changes } : actor)),
  };
}

/** A value that an actor writes, and the fencing number with it. */
interface Write {
  register: 'state' | 'lease';
  /** A state, or for the lease: 1 takes it, 0 frees it. */
  value: number;
  fence: number;
}

/**
 * A write that takes effect. All who had read the register before are to read it again: the version that they expect is
 * not there any more.
 */
export function commit(model: Model, now: ModelState, index: number, write: Write): ModelState {
  const { register, value, fence } = write;
  const keepsVersions = !model.subject.rules.comparesAndSwaps;
  const actors = keepsVersions ? now.actors : now.actors.map((actor) => forget(actor, register));
  if (register === 'state') return { ...now, state: value, stateFence: fence, actors };
  const isTaken = value === 1;
  return { ...now, holder: isTaken ? index : none, leaseFence: fence, expired: false, actors };
}

function forget(actor: ActorState, register: 'state' | 'lease'): ActorState {
  const isPending = actor.pending !== none && registerOf(actor) === register;
  const isLate = actor.late !== none && actor.lateRegister === register;
  if (!isPending && !isLate) return actor;
  return {
    ...actor,
    ...(isPending ? { pending: none, pendingFence: 0 } : {}),
    ...(isLate ? { late: none, lateFence: 0 } : {}),
  };
}

/** What a write that took effect must not have done. */
export function wrongWrite(model: Model, now: ModelState, write: Write): string | undefined {
  const { register, value, fence } = write;
  if (register === 'lease') return undefined;
  if (fence < now.stateFence) return 'a holder that was overtaken wrote the state';
  const before = model.calls.states.value(now.state);
  const after = model.calls.states.value(value);
  const sequences = after.releases.map(({ sequence }) => sequence);
  const added = after.releases.filter(({ sequence }) =>
    before.releases.every((one) => one.sequence !== sequence),
  );
  if (new Set(sequences).size < sequences.length || after.sequence < before.sequence)
    return 'two releases have one sequence number';
  if (added.some(({ sequence }) => sequence <= before.sequence)) return 'a sequence number did not increase';
  return undefined;
}

/** A write whose reply was lost: it arrives now, later, or not at all. */
export function lateSteps(model: Model, now: ModelState, index: number): Step[] {
  const actor = now.actors[index];
  if (!actor || actor.late === none) return [];
  const done = withActor(now, index, { late: none, lateFence: 0 });
  const write: Write = { register: actor.lateRegister, value: actor.late, fence: actor.lateFence };
  return [
    {
      label: `the late write of ${index} arrives`,
      next: commit(model, done, index, write),
      violation: wrongWrite(model, now, write),
    },
    { label: `the late write of ${index} is lost`, next: done },
  ];
}
