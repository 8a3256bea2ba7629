import { randomUUID } from 'node:crypto';
import { Cancelled, describeError, type Exec } from '@slipway/kernel';
import type { Platform } from '@slipway/platform';
import { type LeaseHolder, unfinishedRelease } from '@slipway/release';
import type { TargetContext, TransactionOptions } from './context.ts';
import { acquireLease, type LeaseKeeper } from './lease-keeper.ts';
import { reachTarget } from './reach-target.ts';
import { runQuery } from './run-over.ts';
import { readState, stateScope, Transaction } from './transaction.ts';

/** A target whose lease this run holds. */
export interface OpenTarget {
  platform: Platform;
  transaction: Transaction;
  /** Aborts when the step is cancelled, and when another run takes the lease. */
  signal: AbortSignal;
  /** Ends commands and starts none once the signal aborts. */
  exec: Exec;
}

/**
 * Does work on a target under its lease. Afterwards the lease lives on for the next step of the run while a release is
 * unfinished, and is freed otherwise. A release of this run that ends before it changed a service is marked as failed.
 * @throws UserError when another run holds the lease; Fault when another run takes it; what the work throws.
 */
export async function withTransaction<T>(
  context: TargetContext,
  options: TransactionOptions,
  work: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const overtaken = new AbortController();
  const signal = AbortSignal.any([context.signal, overtaken.signal]);
  const exec: Exec = (command, options) => context.exec({ ...command, signal }, options);
  const guarded = { ...context, signal, exec };
  // A target that is away from the start is reported at once; later on it is waited for.
  const { platform } = await reachTarget(guarded, options.find);
  const { store } = platform;
  const stateOptions = { store, scope: stateScope(context), clock: context.clock, signal, log: context.log };
  const { fence } = await readState(guarded, store);
  const isRunOver = runQuery({ ...context, token: options.token ?? '' });
  const holder = holderOf(context);
  const lease = await acquireLease({ ...stateOptions, ...options, holder, fence, isRunOver });
  lease.overtaken.addEventListener('abort', () => overtaken.abort(lease.overtaken.reason));
  let transaction: Transaction | undefined;
  try {
    transaction = await Transaction.begin(stateOptions, lease);
    return await work({ platform, transaction, signal, exec });
  } catch (error) {
    if (lease.overtaken.aborted) throw lease.overtaken.reason;
    if (!(error instanceof Cancelled)) await giveUp(context, transaction);
    throw error;
  } finally {
    await end(context, lease, transaction);
  }
}

/** A step that fails before it changed a service leaves nothing that anybody has to settle. */
async function giveUp(context: TargetContext, transaction: Transaction | undefined): Promise<void> {
  const unfinished = transaction && unfinishedRelease(transaction.state);
  if (unfinished?.id !== context.record.id || !['begun', 'migrated'].includes(unfinished.phase)) return;
  await transaction?.send({ kind: 'give-up', id: unfinished.id }).catch((error: unknown) => {
    context.log.warn(`cannot mark release ${unfinished.id} as failed on the target: ${describeError(error)}`);
  });
}

/** Errors only delay others: the lease expires without this. */
async function end(
  context: TargetContext,
  lease: LeaseKeeper,
  transaction: Transaction | undefined,
): Promise<void> {
  // A cancelled step can ask nothing more; its lease lives on for the step that rolls back.
  if (context.signal.aborted) return;
  const isUnfinished = transaction !== undefined && unfinishedRelease(transaction.state) !== undefined;
  const hold = isUnfinished && workflowRun(context) !== null;
  await lease.end(hold ? 'hold' : 'free').catch((error: unknown) => {
    context.log.warn(`cannot ${hold ? 'renew' : 'free'} the lease of the target: ${describeError(error)}`);
  });
}

/** Outside a workflow run each process is a holder for itself: nothing says which later one belongs to it. */
function holderOf(context: TargetContext): LeaseHolder {
  const { id, attempt, job, runner, actor, url } = context.run;
  return { run: workflowRun(context) ?? `${id}-${randomUUID()}`, attempt, job, runner, actor, url };
}

/** The id of the workflow run, which stays the same when it is run again; null outside one. */
export function workflowRun({ run }: Pick<TargetContext, 'run'>): string | null {
  return run.id === 'local' ? null : run.id;
}
