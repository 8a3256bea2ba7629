import type { ReleaseEvent } from '../../../packages/release/src/index.ts';
import type { Model } from './model.ts';
import { type ActorState, type ModelState, none, type Position } from './model-state.ts';
import { type Asker, idOf } from './protocol-calls.ts';
import { type ActorSpec, absent, attemptOf, runOf } from './scenario.ts';
import { holderOf } from './turn.ts';

/** What an actor decides from the state that it reads: a write, or to continue without one. */
export type Decided =
  | { kind: 'write'; state: number; after: Partial<ActorState> }
  | { kind: 'continue'; after: Partial<ActorState> }
  | { kind: 'end' }
  /** What it wanted is not allowed any more: its workflow rolls back. */
  | { kind: 'fail' };

/** What an actor at a position makes of the state that it reads. */
export function decide(model: Model, now: ModelState, spec: ActorSpec, actor: ActorState): Decided {
  switch (actor.position) {
    case 'fence':
      return claiming(model, now, spec, actor);
    case 'begin':
      return beginning(model, now, spec);
    case 'settle':
      return rollBack(model, now, actor, model.calls.choose(now.state, 'unfinished'));
    case 'back':
      return goBack(model, now, spec, actor);
    case 'swapping':
      return swapping(model, now, actor);
    case 'reverted':
      return reverted(model, now, actor);
    case 'called-off':
      return calledOff(model, now, actor);
    case 'restored':
      return restored(model, now, actor);
    default:
      return advancing(model, now, spec, actor.position);
  }
}

function claiming(model: Model, now: ModelState, spec: ActorSpec, { resume }: ActorState): Decided {
  const state = model.calls.claim(now.state, holderOf(spec));
  return state === null ? { kind: 'fail' } : { kind: 'write', state, after: { position: resume } };
}

function beginning(model: Model, now: ModelState, spec: ActorSpec): Decided {
  const { calls } = model;
  const { version } = spec;
  const isOlder = version < (calls.proven(now.state) ?? 0);
  const choice = calls.choose(now.state, 'unfinished');
  const replaces = replacedBy(model, choice);
  const { kind, state } = calls.apply(
    now.state,
    calls.beginning(version, isOlder, { replaces, attempt: attemptOf(spec) }),
  );
  const after = { position: 'migrating' as const };
  if (kind === 'changed') return { kind: 'write', state, after };
  if (kind === 'unchanged') return { kind: 'continue', after };
  if (kind === 'unsettled') return { kind: 'continue', after: { position: 'settle' } };
  return { kind: 'end' };
}

/** The unfinished release that is not rolled back but replaced: it contracted the schema, or nothing ran before it. */
export function replacedBy({ calls }: Model, choice: Choice): number | undefined {
  if (choice.kind === 'contracted') return choice.sequence;
  if (choice.kind !== 'restore') return undefined;
  const { from, versions } = calls.plans.value(choice.plan);
  return versions.every((version) => version === absent) ? from : undefined;
}

/** A rollback as its run asks for it. Only that of a person has to be known again by its run. */
function goBack(model: Model, now: ModelState, spec: ActorSpec, actor: ActorState): Decided {
  const { role, version, to, hasFailed = false } = spec;
  const only = model.subject.rules.namesOwnRelease ? { only: { id: idOf(version), hasFailed } } : {};
  const run = role === 'rollback' ? runOf(spec) : null;
  const asker: Asker = role === 'rollback' ? { run } : { ...only, run };
  const where = role === 'rollback' ? (to ?? 'previous') : 'unfinished';
  const choice = model.calls.choose(now.state, where, asker);
  if (choice.kind !== 'contracted' || choice.to === null || !model.scenario.takesBack)
    return rollBack(model, now, actor, choice, run);
  const { revertsFirst, marksSwap } = model.subject.rules;
  const isMarked = model.scenario.takesBack === 'restore' && marksSwap;
  const first = isMarked ? ('swapping' as const) : ('revert' as const);
  const position = revertsFirst ? first : ('reverted' as const);
  return written(model, now, choice.event, { position, plan: choice.plan, service: 0, settling: false });
}

/** What is marked and has happened is not done once more. */
function swapping(model: Model, now: ModelState, { plan }: ActorState): Decided {
  const { from } = model.calls.plans.value(plan);
  const old = `old-${from}`;
  const marked = model.calls.states.value(now.state).releases.find(({ sequence }) => sequence === from);
  if (marked?.oldDatabase === old && now.swapped === from)
    return { kind: 'continue', after: { position: 'reverted' } };
  return written(model, now, { kind: 'swapping', sequence: from, old }, { position: 'revert' });
}

function reverted(model: Model, now: ModelState, { plan }: ActorState): Decided {
  const event = { kind: 'reverted' as const, sequence: model.calls.plans.value(plan).from };
  const position = model.subject.rules.revertsFirst ? ('restore' as const) : ('revert' as const);
  return written(model, now, event, { position });
}

type Choice = ReturnType<Model['calls']['choose']>;

function rollBack(
  model: Model,
  now: ModelState,
  actor: ActorState,
  choice: Choice,
  run: string | null = null,
): Decided {
  const done: Position = actor.settling || actor.position === 'settle' ? 'begin' : 'free';
  const settling = actor.position === 'settle';
  if (choice.kind === 'give-up')
    return written(model, now, { kind: 'give-up', id: choice.id, run }, { position: done });
  if (choice.kind === 'put-back')
    return { kind: 'continue', after: { position: 'restore', plan: choice.plan, service: 0, settling } };
  if (choice.kind !== 'restore') return { kind: 'end' };
  const position = model.subject.rules.restoresFirst ? ('restore' as const) : ('restored' as const);
  return written(model, now, choice.event, { position, plan: choice.plan, service: 0, settling });
}

function restored({ calls, subject }: Model, now: ModelState, actor: ActorState): Decided {
  const { kind, state } = calls.apply(now.state, {
    kind: 'restored',
    sequence: calls.plans.value(actor.plan).from,
  });
  if (kind === 'refused') return { kind: 'fail' };
  const end = {
    position: actor.settling ? ('begin' as const) : ('free' as const),
    plan: none,
    settling: false,
  };
  const after = subject.rules.restoresFirst ? end : { position: 'restore' as const };
  return kind === 'changed' ? { kind: 'write', state, after } : { kind: 'continue', after };
}

function calledOff(model: Model, now: ModelState, { plan, settling }: ActorState): Decided {
  const event = { kind: 'call-off' as const, sequence: model.calls.plans.value(plan).from };
  const position = settling ? ('begin' as const) : ('free' as const);
  return written(model, now, event, { position, plan: none, settling: false });
}

function written(
  { calls }: Model,
  now: ModelState,
  event: ReleaseEvent,
  after: Partial<ActorState>,
): Decided {
  const { kind, state } = calls.apply(now.state, event);
  if (kind === 'changed') return { kind: 'write', state, after };
  return kind === 'unchanged' ? { kind: 'continue', after } : { kind: 'fail' };
}

/** The events of a release on its way forward; between the steps of its workflow the lease is taken again. */
function advancing(model: Model, now: ModelState, { version }: ActorSpec, position: Position): Decided {
  const { calls, subject } = model;
  const { writesAhead, watchesFirst } = subject.rules;
  const id = idOf(version);
  const step = (resume: Position) => ({ position: 'take' as const, resume, fence: 0, suspect: false });
  switch (position) {
    case 'migrating':
      return written(model, now, calls.migrating(version), { position: 'migrate' });
    case 'migrated':
      return written(model, now, calls.migrated(version, now.schema), step(writesAhead ? 'rolling' : 'roll'));
    case 'rolling': {
      const event = calls.rolling(version, now.serves, now.schema, now.state);
      return written(model, now, event, { position: writesAhead ? 'roll' : 'serving', service: 0 });
    }
    case 'serving':
      return written(model, now, { kind: 'serving', id }, step(watchesFirst ? 'watch' : 'proven'));
    case 'proven':
      return written(model, now, { kind: 'proven', id }, { position: watchesFirst ? 'free' : 'watch' });
    default:
      throw new Error(`nothing is decided at ${position}`);
  }
}
