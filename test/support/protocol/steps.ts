import { actSteps } from './act-steps.ts';
import { cleared, expirySteps, faultSteps } from './faults.ts';
import { attempted, goneBack, twiceBack, wrongAttempt, wrongProof, wrongRescue } from './invariants.ts';
import type { Model, Step } from './model.ts';
import { type ActorState, hasFinished, type ModelState, none } from './model-state.ts';
import { type Decided, decide } from './programs.ts';
import { now as clock, idOf } from './protocol-calls.ts';
import { commit, lateSteps, wrongWrite } from './registers.ts';
import type { ActorSpec } from './scenario.ts';
import { currentLease, failStep, holderOf, stepTo, type Turn } from './turn.ts';

/** Everything that can happen next. */
export function steps(model: Model, now: ModelState): Step[] {
  const found = expirySteps(model, now);
  for (const [index, spec] of model.scenario.actors.entries()) {
    found.push(...lateSteps(model, now, index));
    const actor = now.actors[index];
    if (!actor || hasFinished(actor) || !mayStart(now, spec)) continue;
    found.push(...actorSteps({ model, now, index, spec, actor }), ...faultSteps(now, index));
  }
  return found;
}

function mayStart(now: ModelState, { after }: ActorSpec): boolean {
  const earlier = after === undefined ? undefined : now.actors[after];
  return !earlier || hasFinished(earlier);
}

function actorSteps(turn: Turn): Step[] {
  const { actor } = turn;
  if (actor.position === 'take') return actor.pending === none ? readLease(turn) : writeSteps(turn, {});
  if (actor.position === 'free') return actor.pending === none ? readToFree(turn) : [endStep(turn)];
  const acting = actSteps(turn);
  if (acting) return acting;
  if (actor.pending === none) return [readState(turn)];
  const decided = decide(turn.model, turn.now, turn.spec, actor);
  return writeSteps(turn, decided.kind === 'write' ? decided.after : {});
}

function readLease(turn: Turn): Step[] {
  const { model, now, spec } = turn;
  const at = new Date(clock.getTime() + (now.expired ? 120_000 : 0));
  const decision = model.subject.takeLease(currentLease(turn), {
    holder: holderOf(spec),
    now: at,
    fence: now.stateFence,
    writer: '',
    takeOver: false,
  });
  if (decision.kind !== 'taken') return [failStep(turn, 'does not get the lease')];
  return [stepTo(turn, 'reads the lease', { pending: 1, pendingFence: decision.lease.fence })];
}

function readToFree(turn: Turn): Step[] {
  const { model, now, actor } = turn;
  const isUnfinished = model.calls.unfinished(now.state) !== null;
  const freed = isUnfinished ? null : model.subject.freeLease(currentLease(turn), actor.fence, clock, '');
  if (!freed) return [stepTo(turn, 'leaves the lease, ends', { ...cleared, position: 'ended' })];
  return [stepTo(turn, 'reads the lease to free it', { pending: 0, pendingFence: freed.fence })];
}

function endStep(turn: Turn): Step {
  const { model, now, index, actor } = turn;
  const next = commit(model, now, index, { register: 'lease', value: 0, fence: actor.pendingFence });
  return stepTo({ ...turn, now: next }, 'frees the lease, ends', { ...cleared, position: 'ended' });
}

function readState(turn: Turn): Step {
  const { model, now, actor } = turn;
  const { checksFence, writesFence } = model.subject.rules;
  if (checksFence && now.stateFence > actor.fence) return failStep(turn, 'is overtaken');
  if (actor.position === 'fence' && !writesFence)
    return stepTo(turn, 'skips its fence', { position: actor.resume });
  const decided: Decided = decide(model, now, turn.spec, actor);
  switch (decided.kind) {
    case 'write': {
      const pendingFence = checksFence || writesFence ? actor.fence : now.stateFence;
      return stepTo(turn, `reads the state at "${actor.position}"`, { pending: decided.state, pendingFence });
    }
    case 'continue':
      return stepTo(turn, `continues at "${actor.position}"`, decided.after);
    case 'end':
      return stepTo(turn, `has nothing to do at "${actor.position}"`, { position: 'free', plan: none });
    case 'fail':
      return failStep(turn, `is refused at "${actor.position}"`);
  }
}

/** A write that takes effect, and the same with the event delivered twice. */
function writeSteps(turn: Turn, after: Partial<ActorState>): Step[] {
  const { model, now, index, actor } = turn;
  const register = actor.position === 'take' ? 'lease' : 'state';
  const write = { register, value: actor.pending, fence: actor.pendingFence } as const;
  const goesBack = register === 'state' ? goneBack(turn, after) : {};
  const next = { ...commit(model, now, index, write), ...goesBack, ...attempted(turn, register) };
  const written = { pending: none, pendingFence: 0 };
  const taken = { ...written, position: 'fence' as const, fence: actor.pendingFence, suspect: false };
  const changes = register === 'lease' ? taken : { ...written, ...after };
  const step = stepTo({ ...turn, now: next }, `writes the ${register} at "${actor.position}"`, changes);
  const violation =
    wrongAttempt(turn, register) ??
    twiceBack(next, turn.spec) ??
    wrongWrite(model, now, write) ??
    wrongProof(model, now, write) ??
    (turn.spec.role === 'rescue' && register === 'state'
      ? wrongRescue(model, now, actor.pending, idOf(turn.spec.version))
      : undefined);
  if (now.faults === 0 || register === 'lease') return [{ ...step, violation }];
  const left = { ...next, faults: now.faults - 1 };
  return [{ ...step, violation }, stepTo({ ...turn, now: left }, `sends "${actor.position}" twice`, written)];
}
