import { Cancelled, type Duration, describeError, Fault, formatDuration, UserError } from '@slipway/kernel';
import {
  comesBack,
  describeDestination,
  type RestoreTarget,
  type RolledService,
  releaseName,
  releasesInvolved,
} from '@slipway/release';
import type { Result } from '@slipway/runner';
import { forgetOldReleases, type OpenTarget, restoreServices, TargetOvertaken } from '@slipway/transaction';
import { callOff } from './call-off.ts';
import type { RollbackContext } from './context.ts';
import type { DatabaseChange, DatabasePlan } from './database-change.ts';
import { smokeProblem } from './smoke-checks.ts';
import { describeRunning } from './status-lines.ts';
import { takeSchemaBack } from './take-back.ts';
import { runningServices } from './target-status.ts';

/** What is restored, and what happens to the database. */
interface Rollback {
  choice: RestoreTarget;
  plan: DatabasePlan;
}

/** Restores every service and, where that is planned, the schema; says that it is done once all of it is proven. */
export async function restore(context: RollbackContext, target: OpenTarget, work: Rollback): Promise<Result> {
  const { choice, plan } = work;
  try {
    if (plan.kind === 'keep' || plan.when === 'after') return await restoreAll(context, target, work);
    const { done, failure } = await changeDatabase(context, target, work);
    if (failure !== null)
      return addSentence(await halfWay(target, choice, `did not succeed: ${failure}`), done);
    return addSentence(await restoreAll(context, target, work), done);
  } catch (error) {
    const isOurs = error instanceof Fault || error instanceof UserError;
    if (!isOurs || error instanceof TargetOvertaken) throw error;
    return halfWay(target, choice, `did not succeed: ${describeError(error)}`);
  }
}

/** Does to the database what is planned. */
async function changeDatabase(
  context: RollbackContext,
  target: OpenTarget,
  { choice, plan }: Rollback,
): Promise<DatabaseChange> {
  switch (plan.kind) {
    case 'down':
      return takeSchemaBack(context, target, choice);
    case 'restore':
      return (await import('./restore-database.ts')).replaceDatabase(context, target, choice, plan);
    default:
      return { done: null, failure: null };
  }
}

function addSentence(result: Result, sentence: string | null): Result {
  return sentence === null ? result : { ...result, summary: `${result.summary} ${sentence}` };
}

async function restoreAll(
  context: RollbackContext,
  target: OpenTarget,
  { choice, plan }: Rollback,
): Promise<Result> {
  const begunAt = context.clock.monotonic();
  const { services, left, details } = await restoreServices(context, target, choice);
  const took = context.clock.monotonic() - begunAt;
  const failed = services.filter(({ state }) => state === 'failed');
  const changed = services.some(({ state }) => state === 'restored');
  context.output({ changed: String(changed), restored: choice.to?.version ?? '' });
  const more = { details, evidence: { kind: 'services' as const, services } };
  if (failed.length > 0) {
    const why = failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    const calledOff = await callOff(context, target, { choice, plan, services, why });
    return { ...(calledOff ?? (await halfWay(target, choice, `did not succeed: ${why}`))), ...more };
  }
  const proof = await complete(context, target, { choice, plan });
  if (proof.problem !== null)
    return addSentence({ ...(await halfWay(target, choice, proof.problem)), ...more }, proof.done);
  const describe = comesBack(choice) ? (changed ? describeRestored : describeUnchanged) : describeRemoved;
  const restored = { choice, services, took, isProven: choice.to !== null && left.length === 0 };
  const sentences = [describe(restored), ...left.map((sentence) => `${sentence}.`)];
  const outputs = { reason: 'rolled-back' };
  return addSentence({ outcome: 'passed', summary: sentences.join(' '), outputs, ...more }, proof.done);
}

/** What comes after the services: the schema, the smoke test, and the mark on the target that all of it is done. */
async function complete(
  context: RollbackContext,
  target: OpenTarget,
  { choice, plan }: Rollback,
): Promise<Pick<DatabaseChange, 'done'> & { problem: string | null }> {
  const isLast = plan.kind !== 'keep' && plan.when === 'after';
  const { done, failure } = isLast
    ? await changeDatabase(context, target, { choice, plan })
    : { done: null, failure: null };
  if (failure !== null) return { done, problem: `did not succeed: ${failure}` };
  const problem = choice.to && (await smokeProblem({ ...context, signal: target.signal }, choice.to));
  if (problem !== null) return { done, problem: `is not proven: ${problem}` };
  const { sequence, phase } = choice.from;
  if (choice.from !== choice.to) {
    await target.transaction.send({ kind: 'restored', sequence });
    await forgetOldReleases(context, target);
  } else if (phase === 'restoring') await target.transaction.send({ kind: 'call-off', sequence });
  return { done, problem: null };
}

/** Says what serves now, as observed. */
async function halfWay(
  { platform, transaction }: OpenTarget,
  choice: RestoreTarget,
  why: string,
): Promise<Result> {
  const observed = await platform
    .observe(Object.keys(choice.services), releasesInvolved(choice))
    .catch((error: unknown) => {
      if (error instanceof Cancelled) throw error;
      return describeError(error);
    });
  const serves =
    typeof observed === 'string'
      ? `What serves now cannot be seen: ${observed}`
      : `Now ${describeRunning(runningServices([...observed.values()], transaction.state.releases))}`;
  return {
    outcome: 'failed',
    summary: `The rollback of ${releaseName(choice.from)} to ${describeDestination(choice)} ${why.replace(/\.$/, '')}. ${serves}.`,
    hint: 'Manual intervention required: page whoever operates the target. Fix the cause and re-run this job; it continues where it stopped.',
    outputs: { reason: 'half-way' },
  };
}

interface Restored {
  choice: RestoreTarget;
  services: readonly RolledService[];
  took: Duration;
  /** Whether all of it is as it was when it was proven. */
  isProven: boolean;
}

function describeRestored({ choice, services, took, isProven }: Restored): string {
  if (choice.from === choice.to)
    return `${releaseName(choice.from)}, which is proven, was restored in ${formatDuration(took)}: it serves again (${eachOf(services)}).`;
  const proof = isProven ? 'serves again and is proven' : 'serves again';
  return `${releaseName(choice.from)} was rolled back in ${formatDuration(took)}: ${describeDestination(choice)} ${proof} (${eachOf(services)}).`;
}

function describeRemoved({ choice, services, took }: Restored): string {
  return `${releaseName(choice.from)} was removed again in ${formatDuration(took)}: nothing that was proven ran before it (${eachOf(services)}).`;
}

/** Nothing of it was replaced, or an earlier attempt has restored it. */
function describeUnchanged({ choice, services, isProven }: Restored): string {
  const proof = isProven ? ' and is proven' : '';
  return `${describeDestination(choice)} serves everywhere${proof} (${eachOf(services)}); ${releaseName(choice.from)} is rolled back.`;
}

/** `web 2/2`; a service without replicas was not looked at, and is never counted. */
function eachOf(services: readonly RolledService[]): string {
  const each = services.map(({ name, running, detail }) =>
    running > 0 ? `${name} ${running}/${running}` : `${name} ${detail ?? 'has no replicas'}`,
  );
  return each.join(', ');
}
