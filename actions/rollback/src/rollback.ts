import { UserError } from '@slipway/kernel';
import type { FindPrograms } from '@slipway/platform';
import { describeDestination, type ReleaseEvent, type RestoreTarget, releaseName } from '@slipway/release';
import { defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import {
  checkImages,
  findRestoreProblem,
  type OpenTarget,
  reachTarget,
  readLease,
  readState,
  withTransaction,
  workflowRun,
} from '@slipway/transaction';
import { askedFor, replacedSince } from './asked-for.ts';
import { callOff } from './call-off.ts';
import { askingRun, choose, chooseOn, onlyRelease } from './choice.ts';
import { own, type RollbackContext, uses } from './context.ts';
import { planDatabase } from './database-plan.ts';
import { nothing } from './nothing.ts';
import { type Progress, reasonOf } from './reason.ts';
import { refuseRemoval } from './refusal.ts';
import { rehearse } from './rehearse.ts';
import { restore } from './restore.ts';
import { showStatus } from './status.ts';

/** Longer than an abandoned lease lives: what is broken must be restored, also after its machine was lost. */
const leaseWaitMs = 180_000;

/**
 * Restores what was proven: broken services first, to what the state of the target says, each proven like in a
 * rollout. It needs nothing but the target, and does nothing when there is nothing to do. An expanded database schema
 * stays, because the previous version runs on it, unless `rollback.database` says that it is taken back.
 */
export const rollback = defineAction({
  name: 'rollback',
  phase: ({ mode }) => mode,
  inputs: own,
  uses,
  async main(context) {
    context.output({ app: context.config.app });
    const progress: Progress = { begun: false };
    try {
      return await act(context, progress);
    } catch (error) {
      context.output({ reason: reasonOf(error, progress) });
      throw error;
    }
  },
});

async function act(context: RollbackContext, progress: Progress): Promise<Result> {
  if (context.inputs.mode === 'status') return showStatus(context);
  if (context.inputs.mode === 'rehearse' || context.dryRun) return rehearse(context);
  const { 'take-over': takeOver, 'github-token': token } = context.inputs;
  context.redactor.add(token);
  const find = programFinder(context);
  const idle = takeOver ? null : await nothingOfOwn(context, find);
  if (idle) return idle;
  const asked = await askedFor(context, find);
  const options = { find, waitMs: leaseWaitMs, takeOver, token };
  return withTransaction(context, options, async (target) => {
    const replaced = replacedSince(asked, target.transaction.state);
    return replaced ? nothing(context, replaced, target.platform) : rollBack(context, target, progress);
  });
}

/**
 * A run that was cancelled while it waited for another one has nothing on the target, and does not wait for that one here
 * either. Nothing can follow: the jobs of this run that change the target are over, and another run holds the lease.
 */
async function nothingOfOwn(context: RollbackContext, find: FindPrograms): Promise<Result | null> {
  if (context.inputs.to !== 'own') return null;
  const { clock, signal } = context;
  const { platform } = await reachTarget(context, find);
  const { store } = platform;
  const lease = await readLease(store, { clock, signal });
  if (!lease?.holder || lease.holder.run === workflowRun(context)) return null;
  const choice = choose(context, await readState(context, store));
  return choice.kind === 'nothing' ? nothing(context, choice, platform) : null;
}

async function rollBack(context: RollbackContext, target: OpenTarget, progress: Progress): Promise<Result> {
  const { platform, transaction } = target;
  const choice = await chooseOn(platform, context, transaction.state);
  if (choice.kind === 'nothing') return nothing(context, choice, platform);
  if (choice.kind === 'give-up') {
    await transaction.send({ kind: 'give-up', id: choice.from.id, run: askingRun(context) });
    const reason = `${releaseName(choice.from)} changed no service; it is marked as failed`;
    return nothing(context, { reason, proven: null }, platform);
  }
  refuseRemoval(context.run, choice, onlyRelease(context)?.id);
  const plan = await planDatabase(context, choice, transaction.state);
  checkImages(context, choice);
  const problem = context.inputs.force ? null : await findRestoreProblem(context, platform, choice);
  if (problem) {
    const { why } = problem;
    const isBegun = choice.from.phase === 'restoring';
    const calledOff = isBegun ? await callOff(context, target, { choice, plan, services: [], why }) : null;
    if (calledOff) return calledOff;
    throw unrestorable(choice, problem);
  }
  if (choice.from !== choice.to) await transaction.send(restoreEvent(context, choice));
  progress.begun = true;
  const result = await restore(context, target, { choice, plan });
  const note = plan.kind === 'keep' ? plan.note : null;
  return note === null ? result : { ...result, summary: `${result.summary} ${note}` };
}

/** A mix of two versions is worse than one. */
function unrestorable(choice: RestoreTarget, { why, remedy }: RestoreProblem): UserError {
  return new UserError(`${describeDestination(choice)} cannot be restored: ${why}`, {
    hint: `${remedy} "force: true" restores what can be restored all the same.`.trim(),
  });
}

type RestoreProblem = NonNullable<Awaited<ReturnType<typeof findRestoreProblem>>>;

function restoreEvent(context: RollbackContext, { from, to }: RestoreTarget): ReleaseEvent {
  return {
    kind: 'restore',
    sequence: from.sequence,
    to: to?.sequence ?? null,
    run: askingRun(context),
  };
}
