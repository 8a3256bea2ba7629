import type { Model, Step } from './model.ts';
import { type ActorState, acts, hasFinished, type ModelState, none, registerOf } from './model-state.ts';
import { withActor } from './registers.ts';

/** What can happen to an actor at any time, as often as the scenario allows. */
export function faultSteps(now: ModelState, index: number): Step[] {
  const actor = now.actors[index];
  if (!actor || now.faults === 0 || !actor.started || hasFinished(actor)) return [];
  const left = { ...now, faults: now.faults - 1 };
  const killed = { ...cleared, position: 'ended' as const };
  const steps: Step[] = [{ label: `${index} is killed`, next: withActor(left, index, killed) }];
  if (actor.pending === none) return steps;
  const late = { late: actor.pending, lateFence: actor.pendingFence, lateRegister: registerOf(actor) };
  return [
    ...steps,
    { label: `${index} is killed while it writes`, next: withActor(left, index, { ...killed, ...late }) },
    {
      label: `${index} loses the reply to its write`,
      next: withActor(left, index, { ...late, pending: none, pendingFence: 0 }),
    },
  ];
}

/** What nobody needs to know of an actor that has ended. */
export const cleared: Partial<ActorState> = {
  pending: none,
  pendingFence: 0,
  fence: 0,
  plan: none,
  service: 0,
  resume: 'begin',
  suspect: false,
  settling: false,
};

/**
 * The lease expires: on its own once its holder has stopped, and as a fault while its holder lives. Assumption: not in the
 * middle of an act, which ends before its lease can have expired.
 */
export function expirySteps({ scenario }: Model, now: ModelState): Step[] {
  if (now.holder === none || now.expired) return [];
  const label = 'the lease expires';
  const run = scenario.actors[now.holder];
  const lives = now.actors.map((actor) => actor.started && !hasFinished(actor));
  const ofRun = lives.findIndex(
    (isAlive, index) => isAlive && scenario.actors[index]?.version === run?.version,
  );
  const living = lives[now.holder] ? now.holder : ofRun;
  const holder = now.actors[living];
  if (!holder) return [{ label, next: { ...now, expired: true } }];
  if (now.faults === 0 || acts.has(holder.position)) return [];
  // Between two steps of its workflow it has to take the lease again in any case.
  const suspect = holder.position !== 'take';
  const next = withActor({ ...now, expired: true, faults: now.faults - 1 }, living, { suspect });
  return [{ label, next }];
}
