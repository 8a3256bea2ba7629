import { Cancelled, describeError, formatImage, UserError } from '@slipway/kernel';
import {
  type ChecklistItem,
  chooseNextRollback,
  describeDestination,
  type RestoreTarget,
  releaseName,
  type TargetState,
} from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import {
  describeRehearsed,
  type Rehearsal,
  reachTarget,
  readState,
  rehearsalProblem,
  rehearseRestore,
} from '@slipway/transaction';
import { chooseOn, onlyRelease } from './choice.ts';
import type { RollbackContext } from './context.ts';
import type { DatabasePlan } from './database-change.ts';
import { planDatabase } from './database-plan.ts';
import { nothing } from './nothing.ts';
import { refuseRemoval } from './refusal.ts';

/**
 * Proves that a rollback could be done, and changes nothing: with `mode: rehearse` that of the next release, and in a dry
 * run the one that the input `to` asks for.
 */
export async function rehearse(context: RollbackContext): Promise<Result> {
  const { log, inputs } = context;
  const { platform } = await reachTarget(context, programFinder(context));
  const state = await readState(context, platform.store);
  const isNext = inputs.mode === 'rehearse';
  const choice = isNext ? chooseNextRollback(state) : await chooseOn(platform, context, state);
  if (choice.kind === 'nothing') return nothing(context, isNext ? firstRelease(choice) : choice, platform);
  if (choice.kind === 'give-up') {
    const reason = `${releaseName(choice.from)} changed no service`;
    return nothing(context, { reason, proven: null }, platform);
  }
  if (!isNext) refuseRemoval(context.run, choice, onlyRelease(context)?.id);
  const schema = await judgeSchema(context, choice, state);
  const { items, missing } = await rehearseRestore(context, platform, choice);
  const rehearsed = { items: [schema, ...items], missing };
  for (const { title, evidence } of rehearsed.items) log.info(`${title}: ${evidence}`);
  return {
    ...verdict(choice, rehearsed, isNext),
    evidence: { kind: 'checklist', items: rehearsed.items },
  };
}

function firstRelease<Choice extends { reason: string }>(choice: Choice): Choice {
  const reason = `${choice.reason}: a rollback of the first release removes what it creates, and restores what it finds`;
  return { ...choice, reason };
}

async function judgeSchema(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<ChecklistItem> {
  const item = { id: 'schema', title: 'Schema' };
  try {
    const plan = await planDatabase(context, choice, state);
    return { ...item, state: 'passed', evidence: describePlan(plan, context.inputs.force) };
  } catch (error) {
    if (error instanceof Cancelled || !(error instanceof UserError)) throw error;
    const { hint } = error;
    return { ...item, state: 'failed', evidence: describeError(error), ...(hint ? { remedy: hint } : {}) };
  }
}

function describePlan(plan: DatabasePlan, isForced: boolean): string {
  if (plan.kind === 'down') {
    const what = plan.versions.length > 0 ? plan.versions.join(', ') : 'what was migrated since';
    return `${what} would be taken back ${plan.when} the services`;
  }
  if (plan.kind === 'restore') return plan.what;
  return plan.note ?? (isForced ? 'not checked: "force" is set' : 'nothing speaks against it');
}

function verdict(choice: RestoreTarget, rehearsed: Rehearsal, isNext: boolean): Result {
  const problem = rehearsalProblem(rehearsed.items);
  const where = describeDestination(choice);
  if (problem)
    return {
      outcome: 'refused',
      summary: `A rollback to ${where} cannot be done: ${problem.why}.`,
      hint: problem.remedy,
      outputs: { reason: 'refused' },
    };
  if (isNext)
    return {
      outcome: 'passed',
      summary: `A rollback of the next release can restore ${where}: ${countServices(choice)}, ${describeRehearsed(rehearsed)}.`,
    };
  const summary = `Dry run: ${countServices(choice)} would be rolled back to ${where}; nothing was changed.`;
  return {
    outcome: 'skipped',
    summary,
    details: Object.entries(choice.services).reverse().map(describeStep),
  };
}

function describeStep([name, service]: [string, RestoreTarget['services'][string]]): string {
  return `${name}: ${service ? `restore ${formatImage(service.image)}` : 'remove: it did not exist before'}`;
}

function countServices({ services }: RestoreTarget): string {
  const count = Object.keys(services).length;
  return count === 1 ? '1 service' : `${count} services`;
}
