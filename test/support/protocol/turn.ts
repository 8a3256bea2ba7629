import type { Lease, LeaseHolder } from '../../../packages/release/src/index.ts';
import { cleared } from './faults.ts';
import type { Model, Step } from './model.ts';
import { type ActorState, type ModelState, none } from './model-state.ts';
import { now as clock } from './protocol-calls.ts';
import { commit, withActor } from './registers.ts';
import { type ActorSpec, attemptOf, runOf } from './scenario.ts';

/** One actor in one state of the model. */
export interface Turn {
  model: Model;
  now: ModelState;
  index: number;
  spec: ActorSpec;
  actor: ActorState;
}

/** A step of the actor of a turn. */
export function stepTo({ now, index, spec }: Turn, label: string, changes: Partial<ActorState>): Step {
  const next = withActor(now, index, { started: true, ...changes });
  return { label: `${index} (${spec.role} ${spec.version}) ${label}`, next };
}

/** The workflow of a release that fails rolls back; everything else ends. */
export function failStep(turn: Turn, label: string): Step {
  const { actor, spec } = turn;
  const rolls = (spec.role === 'release' || spec.role === 're-run') && actor.resume !== 'back';
  if (!rolls || (actor.position === 'take' && actor.resume === 'begin'))
    return stepTo(turn, `${label}, ends`, { ...cleared, position: 'ended' });
  return stepTo(turn, `${label}, fails`, { ...cleared, position: 'take', resume: 'back' });
}

/** The lease as its reader finds it. */
export function currentLease({ model, now }: Turn): Lease | null {
  if (now.leaseFence === 0) return null;
  const { scenario } = model;
  const at = clock.toISOString();
  const holder = now.holder === none ? null : holderOf(scenario.actors[now.holder]);
  const idle = now.actors[now.holder]?.position === 'take';
  return { schema: 1, fence: now.leaseFence, holder, since: at, renewedAt: at, idle, writer: '' };
}

export function holderOf(spec: ActorSpec | undefined): LeaseHolder {
  if (!spec) return { run: '', attempt: '1', job: '', runner: '', actor: '', url: '' };
  const job = spec.role === 're-run' ? 'release' : spec.role;
  return { run: runOf(spec), attempt: String(attemptOf(spec)), job, runner: '', actor: '', url: '' };
}

/** The lease again for a holder that may have lost it; it stops when somebody else has taken it. */
export function renewStep(turn: Turn): Step {
  const { model, now, index, actor } = turn;
  const renewed = model.subject.renewLease(currentLease(turn), actor.fence, clock, '');
  if (!renewed) return failStep(turn, 'cannot renew the lease');
  const write = { register: 'lease', value: 1, fence: renewed.fence } as const;
  const next = withActor(commit(model, now, index, write), index, { suspect: false });
  return { label: `${index} renews the lease`, next };
}
