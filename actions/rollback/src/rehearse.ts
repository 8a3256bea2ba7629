import { Cancelled, describeError, formatImage, UserError } from '@slipway/kernel';
import { openRegistry } from '@slipway/registry';
import {
  type ChecklistItem,
  chooseNextRollback,
  type RestoreTarget,
  releaseName,
  type TargetState,
} from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { reachTarget, readState, rehearseRestore } from '@slipway/transaction';
import { choose, describeDestination, onlyRelease } from './choice.ts';
import type { RollbackContext } from './context.ts';
import { nothing } from './nothing.ts';
import { refuseRemoval } from './refusal.ts';
import { refuseSchema } from './schema-gate.ts';

/** A registry that does not answer decides nothing; it need not be waited for. */
const registryRetryMs = 5000;

/**
 * Proves that a rollback could be done, and changes nothing: with `mode: rehearse` that of the next release, and in a dry
 * run the one that the input `to` asks for.
 */
export async function rehearse(context: RollbackContext): Promise<Result> {
  const { config, environment, clock, signal, log, inputs } = context;
  const { platform } = await reachTarget(context, programFinder(context));
  const scope = { app: config.app, environment };
  const state = await readState({ store: platform.store, scope, clock, signal, log });
  const isNext = inputs.mode === 'rehearse';
  const choice = isNext ? chooseNextRollback(state) : choose(context, state);
  if (choice.kind === 'nothing')
    return nothing(context, isNext ? firstRelease(choice.reason) : choice.reason, choice.isProven);
  if (choice.kind === 'give-up') return nothing(context, `${releaseName(choice.from)} changed no service`);
  if (!isNext) refuseRemoval(context.run, choice, onlyRelease(context)?.id);
  const registry = openRegistry(context, { retryForMs: registryRetryMs });
  const items = [
    await judgeSchema(context, choice, state),
    ...(await rehearseRestore(context, { platform, registry }, choice)),
  ];
  for (const { title, evidence } of items) log.info(`${title}: ${evidence}`);
  return { ...verdict(choice, items, isNext), evidence: { kind: 'checklist', items } };
}

function firstRelease(reason: string): string {
  return `${reason}: a rollback of the first release removes what it creates, and restores what it finds`;
}

async function judgeSchema(
  context: RollbackContext,
  choice: RestoreTarget,
  state: TargetState,
): Promise<ChecklistItem> {
  const item = { id: 'schema', title: 'Schema' };
  try {
    const doubt = await refuseSchema(context, choice, state);
    const evidence = context.inputs.force ? 'not checked: "force" is set' : 'nothing speaks against it';
    return { ...item, state: 'passed', evidence: doubt ?? evidence };
  } catch (error) {
    if (error instanceof Cancelled || !(error instanceof UserError)) throw error;
    const { hint } = error;
    return { ...item, state: 'failed', evidence: describeError(error), ...(hint ? { remedy: hint } : {}) };
  }
}

function verdict(choice: RestoreTarget, items: readonly ChecklistItem[], isNext: boolean): Result {
  const problems = items.filter(({ state }) => state !== 'passed');
  const where = describeDestination(choice);
  if (problems.length > 0)
    return {
      outcome: 'refused',
      summary: `A rollback to ${where} cannot be done: ${problems.map(({ evidence }) => evidence).join('; ')}.`,
      hint: problems.flatMap(({ remedy }) => remedy ?? []).join(' '),
      outputs: { reason: 'refused' },
    };
  if (isNext)
    return {
      outcome: 'passed',
      summary: `A rollback of the next release can restore ${where}: ${countServices(choice)}, images and configuration are there.`,
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
