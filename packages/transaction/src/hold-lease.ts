import { Cancelled, describeError } from '@slipway/kernel';
import { parseLease, unfinishedRelease } from '@slipway/release';
import { openPlatform } from '@slipway/targets';
import type { TargetContext, TransactionOptions } from './context.ts';
import { readRegister } from './guarded-register.ts';
import { isLockedBySibling, workInShared } from './shared-lease.ts';
import { readState } from './transaction.ts';
import { withTransaction } from './with-transaction.ts';

/** The context of a step that changes nothing on the target. Its section of the configuration is read where it is needed. */
export interface LeaseContext extends Omit<TargetContext, 'config'> {
  readConfig(uses: ['target', 'services']): TargetContext['config'];
}

/**
 * Does work that changes nothing on the target, but belongs to a release that was rolled out there: the lease is renewed
 * for as long as it takes, by this job, or by another one of the run that holds it. Without such a release, the work is
 * done as it is.
 * @throws Fault when another run takes the lease; what the work throws.
 */
export async function holdLease<T>(
  context: LeaseContext,
  find: TransactionOptions['find'],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const rolledOut = context.record.phases.some(
    ({ name, outcome }) => name === 'rollout' && outcome === 'passed',
  );
  if (!rolledOut) return work(context.signal);
  const target = { ...context, config: context.readConfig(['target', 'services']) };
  if (!(await holdsLease(target, find))) return work(context.signal);
  const options = { find, waitMs: 0, takeOver: false };
  const hold = <R>(during: (signal: AbortSignal) => Promise<R>): Promise<R> =>
    withTransaction(target, options, ({ signal }) => during(signal));
  const { clock, signal, log, run } = context;
  try {
    return await hold(work);
  } catch (error) {
    if (!isLockedBySibling(error, run.id)) throw error;
  }
  log.info('another job of this run renews the lease of the target');
  return workInShared({ run: run.id, clock, signal, hold }, work);
}

/** Whether the release of the record is unfinished on the target, under a lease of this run. */
async function holdsLease(context: TargetContext, find: TransactionOptions['find']): Promise<boolean> {
  const { clock, signal, log, config, record, run } = context;
  if (config.target === null) return false;
  try {
    const { store } = await openPlatform(config.target, context, find);
    const state = await readState(context, store);
    if (unfinishedRelease(state)?.id !== record.id) return false;
    const lease = await readRegister(store.lease, { clock, signal });
    return lease !== null && parseLease(lease.text)?.holder?.run === run.id;
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    log.warn(`cannot renew the lease of the target: ${describeError(error)}`);
    return false;
  }
}
