import { formatDuration, formatImage, UserError } from '@slipway/kernel';
import { chooseRollback, type RestoreTarget, releaseName, type TargetState } from '@slipway/release';
import { defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import {
  forgetOldReleases,
  type OpenTarget,
  readState,
  restoreServices,
  withTransaction,
  workflowRun,
} from '@slipway/transaction';
import { own, type RollbackContext, uses } from './context.ts';
import { refuseUnlisted } from './contract-migrations.ts';
import { explainContracted } from './refusal.ts';
import { showStatus } from './status.ts';

/** Longer than an abandoned lease lives: what is broken must be restored, also after its machine was lost. */
const leaseWaitMs = 180_000;

/** The name of what is restored when Slipway did not make it. */
const unknownVersion = 'the previous version';

/**
 * Restores what was proven: broken services first, to what the state of the target says, each proven like in a
 * rollout. It needs nothing but the target, and does nothing when there is nothing to do. An expanded database schema
 * stays: the previous version runs on it.
 */
export const rollback = defineAction({
  name: 'rollback',
  phase: ({ mode }) => mode,
  inputs: own,
  uses,
  async main(context) {
    context.output({ app: context.config.app });
    if (context.inputs.mode === 'status') return showStatus(context);
    const find = programFinder(context);
    if (context.dryRun) return dryRun(context, find);
    const { 'take-over': takeOver, 'github-token': token } = context.inputs;
    context.redactor.add(token);
    const options = { find, waitMs: leaseWaitMs, takeOver, token };
    return withTransaction(context, options, (target) => rollBack(context, target));
  },
});

/** The only release that may be rolled back, that of this run; undefined when any may. */
function onlyRelease({ inputs, record, ownRelease }: RollbackContext): Parameters<typeof chooseRollback>[2] {
  if (inputs.to !== 'own' && inputs.release === '') return undefined;
  const hasFailed = record.phases.some(
    ({ name, outcome, tolerated }) =>
      ['smoke-test', 'watch-metrics'].includes(name) &&
      outcome !== 'passed' &&
      outcome !== 'skipped' &&
      !tolerated,
  );
  return { id: inputs.to === 'own' ? ownRelease() : record.id, hasFailed };
}

/** The run, which takes back no further release when it is run again. The phase alone says what is unfinished. */
function askingRun(context: RollbackContext): string | null {
  return ['own', 'unfinished'].includes(context.inputs.to) ? null : workflowRun(context);
}

async function rollBack(context: RollbackContext, target: OpenTarget): Promise<Result> {
  const { transaction } = target;
  const only = onlyRelease(context);
  const choice = chooseRollback(transaction.state, context.inputs.to, only, askingRun(context));
  if (choice.kind === 'nothing') return nothing(context, choice.reason, choice.isProven);
  if (choice.kind === 'give-up') {
    await transaction.send({ kind: 'give-up', id: choice.from.id, run: askingRun(context) });
    return nothing(context, `${releaseName(choice.from)} changed no service; it is marked as failed`);
  }
  const doubt = await refuseSchema(context, choice, transaction.state);
  const { sequence } = choice.from;
  await transaction.send({
    kind: 'restore',
    sequence,
    to: choice.to?.sequence ?? null,
    run: askingRun(context),
  });
  const result = await restore(context, target, choice);
  return doubt === null ? result : { ...result, summary: `${result.summary} ${doubt}` };
}

async function dryRun(context: RollbackContext, find: ReturnType<typeof programFinder>): Promise<Result> {
  const { config, environment, clock, signal, log } = context;
  const platform = await openPlatform(config.target, context, find);
  const scope = { app: config.app, environment };
  const state = await readState({ store: platform.store, scope, clock, signal, log });
  const choice = chooseRollback(state, context.inputs.to, onlyRelease(context), askingRun(context));
  if (choice.kind === 'nothing') return nothing(context, choice.reason, choice.isProven);
  if (choice.kind === 'give-up') return nothing(context, `${releaseName(choice.from)} changed no service`);
  const doubt = await refuseSchema(context, choice, state);
  await platform.check(Object.keys(choice.services), 'restore');
  const result = plan(context, choice);
  return doubt === null ? result : { ...result, summary: `${result.summary} ${doubt}` };
}

function nothing(context: RollbackContext, reason: string, isProven = false): Result {
  context.output({ changed: 'false', verified: String(isProven) });
  return { outcome: 'skipped', summary: `Nothing to roll back: ${reason}.` };
}

/**
 * @returns a sentence when the database cannot be asked; null otherwise.
 * @throws UserError when what comes back may not run on the schema.
 */
async function refuseSchema(
  context: RollbackContext,
  { contracted, proof, to }: RestoreTarget,
  { releases }: TargetState,
): Promise<string | null> {
  if (context.inputs.force) return null;
  const version = to ? releaseName(to) : unknownVersion;
  if (contracted) {
    const { message, hint } = explainContracted(contracted, releases, version);
    throw new UserError(message, { hint });
  }
  // In the run of a release, its own entry lists everything that it applied.
  if (proof === null || onlyRelease(context) !== undefined) return null;
  return refuseUnlisted(context, proof, version);
}

function describeDestination({ to }: RestoreTarget): string {
  return to ? releaseName(to) : 'what ran before';
}

function countServices({ services }: RestoreTarget): string {
  const count = Object.keys(services).length;
  return count === 1 ? '1 service' : `${count} services`;
}

function plan(context: RollbackContext, target: RestoreTarget): Result {
  for (const [name, service] of Object.entries(target.services).reverse()) {
    context.log.info(
      `${name}: ${service ? `restore ${formatImage(service.image)}` : 'remove: it did not exist before'}`,
    );
  }
  const summary = `Dry run: ${countServices(target)} would be rolled back to ${describeDestination(target)}; nothing was changed.`;
  return { outcome: 'skipped', summary };
}

async function restore(
  context: RollbackContext,
  { platform, transaction }: OpenTarget,
  target: RestoreTarget,
): Promise<Result> {
  const { services: restored, details } = await restoreServices(context, { platform, transaction }, target);
  const failed = restored.filter(({ state }) => state === 'failed');
  const changed = restored.some(({ state }) => state === 'restored');
  context.output({ changed: String(changed), restored: target.to?.version ?? '' });
  const evidence = { kind: 'services' as const, services: restored };
  const what = describeDestination(target);
  const from = releaseName(target.from);
  if (failed.length > 0) {
    const why = failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    return {
      outcome: 'failed',
      summary: `The rollback of ${from} to ${what} did not succeed: ${why}`,
      details,
      hint: 'Manual intervention required: page someone. Fix the cause and re-run this job; it continues where it stopped.',
      evidence,
    };
  }
  await transaction.send({ kind: 'restored', sequence: target.from.sequence });
  await forgetOldReleases(context, { platform, transaction });
  const took = formatDuration(restored.reduce((sum, { ms }) => sum + ms, 0));
  const each = restored.map(({ name, running }) => `${name} ${running}/${running}`).join(', ');
  const proof = target.to ? 'serves again and is proven' : 'serves again';
  const summary = changed
    ? `${from} was rolled back in ${took}: ${what} ${proof} (${each}).`
    : `${what} was still serving everywhere${target.to ? ' and is proven' : ''} (${each}); ${from} was abandoned.`;
  return { outcome: 'passed', summary, details, evidence };
}
