import type { Step } from './model.ts';
import type { ActorState, ModelState, Position } from './model-state.ts';
import { numberOf } from './protocol-calls.ts';
import { withActor } from './registers.ts';
import { absent, mixed, type Version } from './scenario.ts';
import { failStep, renewStep, type Turn } from './turn.ts';

/** Whether a version may run on the schema: only on contract migrations of the version and of earlier ones. */
function supports(version: Version, schema: readonly Version[]): boolean {
  return version === absent || schema.every((one) => version >= one);
}

/** The steps of an actor whose position is an act on the target; null at every other position. */
export function actSteps(turn: Turn): Step[] | null {
  const { actor, model } = turn;
  const begin = beginnings[actor.position];
  if (begin) return actor.suspect && model.subject.rules.fencesItself ? [renewStep(turn)] : begin(turn);
  return endings[actor.position]?.(turn) ?? null;
}

type Steps = (turn: Turn) => Step[];

const beginnings: Partial<Record<Position, Steps>> = {
  migrate: (turn) => [move(turn, 'starts the migrations', {}, { position: 'migrate:act' })],
  roll: (turn) => [startService(turn, 'roll:act', 'rolls')],
  revert: (turn) => [move(turn, 'starts to take migrations back', {}, { position: 'revert:act' })],
  restore: (turn) => [restoreService(turn), ...cannotRestore(turn)],
};

const endings: Partial<Record<Position, Steps>> = {
  'migrate:act': (turn) => [applyMigrations(turn)],
  'migrate:applied': (turn) => [
    move(turn, 'has migrated', {}, { position: 'migrated' }),
    ...failures(turn, 'migrations'),
  ],
  'roll:act': (turn) => [endService(turn, turn.spec.version), ...failures(turn, 'rollout')],
  'revert:act': (turn) => [takeBack(turn), ...failures(turn, 'down migrations')],
  'restore:act': (turn) => [endService(turn, planned(turn)), ...failures(turn, 'restore')],
  watch: watchSteps,
};

function move(
  { now, index, spec }: Turn,
  label: string,
  target: Partial<ModelState>,
  changes: Partial<ActorState>,
): Step {
  const next = { ...withActor(now, index, changes), ...target };
  return { label: `${index} (${spec.role} ${spec.version}) ${label}`, next };
}

/** An act that does not end well, as often as the scenario allows. */
function failures(turn: Turn, what: string): Step[] {
  const { now } = turn;
  if (now.failures === 0) return [];
  const failed = failStep({ ...turn, now: { ...now, failures: now.failures - 1 } }, `fails the ${what}`);
  return [failed];
}

function applyMigrations(turn: Turn): Step {
  const { model, now, spec } = turn;
  const isContract =
    model.scenario.classes[spec.version] === 'contract' && !now.schema.includes(spec.version);
  const schema = isContract ? [...now.schema, spec.version] : now.schema;
  return move(turn, 'applies its migrations', { schema }, { position: 'migrate:applied' });
}

/** What came after the version that serves again is not applied any more. */
function takeBack(turn: Turn): Step {
  const { model, now, actor } = turn;
  const schema = now.schema.filter((one) => one <= planned(turn));
  const position = model.subject.rules.revertsFirst ? 'reverted' : 'restore';
  if (model.scenario.takesBack === 'down')
    return move(turn, 'takes migrations back', { schema }, { position });
  const { from } = model.calls.plans.value(actor.plan);
  const isAgain = now.swapped === from;
  const swapped = isAgain ? -from : from;
  const step = move(turn, 'restores the database', { schema, swapped }, { position });
  if (!isAgain) return step;
  return { ...step, violation: 'a database is restored twice, which loses what was written in between' };
}

function startService(turn: Turn, position: Position, verb: string): Step {
  const { now, actor } = turn;
  const serves = now.serves.with(actor.service, mixed);
  return move(turn, `${verb} service ${actor.service}`, { serves }, { position });
}

function planned({ model, actor }: Turn): Version {
  return model.calls.plans.value(actor.plan).versions[actor.service] ?? absent;
}

function restoreService(turn: Turn): Step {
  const step = startService(turn, 'restore:act', 'restores');
  if (supports(planned(turn), turn.now.schema)) return step;
  return { ...step, violation: 'a version is restored that may not run on the schema' };
}

/** A rollback of a person that can do nothing ends there, also one that the next release finds. */
function cannotRestore(turn: Turn): Step[] {
  const { model, now, actor, spec } = turn;
  const { from } = model.calls.plans.value(actor.plan);
  const entry = model.calls.states.value(now.state).releases.find(({ sequence }) => sequence === from);
  const isAsked = spec.role === 'rollback' || (actor.settling && entry?.asked === true);
  if (now.failures === 0 || !entry || entry.provenAt === null || !isAsked) return [];
  const serves = now.serves.every((one) => one === numberOf(entry.version));
  if (!serves && model.subject.rules.seesWhole) return [];
  const left = { ...now, failures: now.failures - 1 };
  return [move({ ...turn, now: left }, 'cannot restore', {}, { position: 'called-off' })];
}

function endService(turn: Turn, version: Version): Step {
  const { model, now, actor } = turn;
  const { writesAhead, restoresFirst } = model.subject.rules;
  const serves = now.serves.with(actor.service, version);
  const isLast = actor.service === serves.length - 1;
  const plan = actor.position === 'restore:act' ? model.calls.plans.value(actor.plan) : null;
  const end: Position = plan?.from === plan?.to ? 'called-off' : 'restored';
  const [again, done]: [Position, Position] =
    plan === null ? ['roll', writesAhead ? 'serving' : 'rolling'] : ['restore', restoresFirst ? end : 'free'];
  const changes = isLast ? { position: done, service: 0 } : { position: again, service: actor.service + 1 };
  return move(turn, `serves ${version} as service ${actor.service}`, { serves }, changes);
}

/** The watch asks what serves; it fails on its own account when that is not the release. */
function watchSteps(turn: Turn): Step[] {
  const { now, spec, model } = turn;
  const { version } = spec;
  const isGood = now.serves.every((one) => one === version) && supports(version, now.schema);
  if (!isGood) return [failStep(turn, 'watches something else')];
  const watched = [...new Set([...now.watched, version])].sort();
  const position = model.subject.rules.watchesFirst ? 'proven' : 'free';
  return [move(turn, 'passes its watch', { watched }, { position }), ...failures(turn, 'watch')];
}
