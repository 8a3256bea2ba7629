import type { ReleaseEntry } from '../../../packages/release/src/index.ts';
import type { Model } from './model.ts';
import { type ActorState, acts, type ModelState } from './model-state.ts';
import { type ActorSpec, attemptOf, runOf } from './scenario.ts';
import type { Turn } from './turn.ts';

/** What must hold in every state; the first thing that does not. */
export function violated(model: Model, now: ModelState): string | undefined {
  const { calls } = model;
  const expected = calls.expected(now.state);
  if (expected?.some((version, index) => version !== now.serves[index]))
    return 'the state names another version than the one that serves';
  if (now.actors.filter(({ position }) => acts.has(position)).length > 1)
    return 'two actors change the target at once';
  return violatedByState(model, now);
}

function violatedByState({ calls }: Model, now: ModelState): string | undefined {
  const { releases } = calls.states.value(now.state);
  // A release that replaces one that cannot be rolled back is begun while that one is unfinished.
  if (count(releases, ['begun', 'migrated']) > 1 || count(releases, ['rolling', 'serving', 'restoring']) > 1)
    return 'two releases are unfinished';
  const previous = calls.choose(now.state, 'previous');
  const versions = previous.kind === 'restore' ? calls.plans.value(previous.plan).versions : [];
  if (versions.some((version) => version !== 0 && !now.watched.includes(version)))
    return 'a release that was never proven is the previous one';
  return undefined;
}

function count(releases: readonly ReleaseEntry[], phases: readonly string[]): number {
  return releases.filter(({ phase }) => phases.includes(phase)).length;
}

/** What is wrong with a write that says that a release is proven, or restored. */
export function wrongProof(
  { calls }: Model,
  now: ModelState,
  write: { register: 'state' | 'lease'; value: number },
): string | undefined {
  if (write.register === 'lease' || write.value === now.state) return undefined;
  const before = calls.states.value(now.state).releases;
  const isNew = ({ id, provenAt }: (typeof before)[number]) =>
    provenAt !== null && before.every((one) => one.id !== id || one.provenAt === null);
  const proven = calls.states.value(write.value).releases.find(isNew);
  if (!proven) return undefined;
  const version = Number.parseInt(proven.version, 10);
  if (!now.watched.includes(version)) return 'a release is said to be proven that was not watched';
  if (now.serves.some((one) => one !== version)) return 'a release is said to be proven that does not serve';
  if ((calls.proven(now.state) ?? 0) > version) return 'an older release replaces a newer one that is proven';
  return undefined;
}

/** What is wrong with a write of a rescue: it may put back or give up its own release alone. */
export function wrongRescue(
  { calls }: Model,
  now: ModelState,
  value: number,
  own: string,
): string | undefined {
  const before = calls.states.value(now.state).releases;
  const stopped = calls.states
    .value(value)
    .releases.filter(({ phase }) => phase === 'failed' || phase === 'restoring');
  const isNew = ({ sequence, phase }: ReleaseEntry) =>
    before.some((one) => one.sequence === sequence && one.phase !== phase);
  const isOther = stopped.some((one) => one.id !== own && isNew(one));
  return isOther ? 'a rescue changes a release that is not its own' : undefined;
}

/** The release that a run of a person takes back with a write, noted for good whatever the state says later. */
export function goneBack(turn: Turn, after: Partial<ActorState>): Partial<ModelState> {
  const { model, now, spec, actor } = turn;
  if (spec.role !== 'rollback' || !['back', 'restored'].includes(actor.position)) return {};
  const plan = actor.position === 'restored' ? actor.plan : after.plan;
  const choice = model.calls.choose(now.state, spec.to ?? 'previous', { run: runOf(spec) });
  const from =
    plan !== undefined ? model.calls.plans.value(plan).from : choice.kind === 'give-up' && choice.from;
  if (from === false) return {};
  return { takenBack: [...new Set([...now.takenBack, -spec.version * perRun + from])].sort((a, b) => a - b) };
}

/** The latest attempt of the run that is run again and has written the state, noted for good. */
export function attempted({ now, spec }: Turn, register: 'state' | 'lease'): Partial<ModelState> {
  const attempt = attemptOf(spec);
  return register === 'state' && attempt > now.attempt ? { attempt } : {};
}

/** What is wrong when an attempt writes although a later one has begun. One run of a scenario at most has several. */
export function wrongAttempt({ model, now, spec }: Turn, register: 'state' | 'lease'): string | undefined {
  const { actors } = model.scenario;
  const attempts = actors.filter((one) => runOf(one) === runOf(spec)).map(attemptOf);
  if (Math.max(...attempts) === 1) return undefined;
  const holder = actors[now.holder];
  const holds = holder && runOf(holder) === runOf(spec) ? attemptOf(holder) : 1;
  if (register === 'lease')
    return attemptOf(spec) < holds ? 'an earlier attempt takes the lease from a later one' : undefined;
  return attemptOf(spec) < now.attempt ? 'an earlier attempt writes the state after a later one' : undefined;
}

const perRun = 64;

/** What is wrong when a run of a person has taken two releases back. */
export function twiceBack({ takenBack }: ModelState, { role, version }: ActorSpec): string | undefined {
  const own = takenBack.filter((one) => Math.floor(one / perRun) === -version);
  return role === 'rollback' && own.length > 1 ? 'one run of a person goes back twice' : undefined;
}

/** What must hold once everybody has stopped and a release that nothing disturbs has settled what they left. */
export function unsettled(model: Model, now: ModelState, version: number | null): string | undefined {
  const { calls } = model;
  if (calls.unfinished(now.state) !== null) return 'a release stays unfinished';
  if (now.serves.some((one) => one !== (version ?? one))) return 'the next release does not serve';
  if (version !== null && calls.proven(now.state) !== version) return 'the next release is not proven';
  if (now.holder !== -1) return 'the lease is held by nobody that lives';
  return undefined;
}
