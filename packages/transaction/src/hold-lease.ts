import { Cancelled, describeError } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import { parseLease, provenRelease, type TargetState, unfinishedRelease } from '@slipway/release';
import { openPlatform } from '@slipway/targets';
import type { TargetContext, TransactionOptions } from './context.ts';
import { readRegister } from './guarded-register.ts';
import { readState } from './transaction.ts';
import { withTransaction } from './with-transaction.ts';

/** The context of a step that changes nothing on the target. Its section of the configuration is read where it is needed. */
export interface LeaseContext extends Omit<TargetContext, 'config'> {
  readConfig(uses: ['target', 'services']): TargetContext['config'];
}

/**
 * Does work that changes nothing on the target, but belongs to a release that was rolled out there: the lease is renewed
 * for as long as it takes. Without such a release, the work is done as it is.
 * @throws Fault when another run takes the lease; what the work throws.
 */
export async function holdLease<T>(
  context: LeaseContext,
  find: TransactionOptions['find'],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (rolloutOutcome(context) !== 'passed') return work(context.signal);
  const target = withTarget(context);
  const isHeld = await ask(target, find, 'renew the lease of the target', async (state, store) => {
    if (unfinishedRelease(state)?.id !== context.record.id) return false;
    const lease = await readRegister(store.lease, target);
    return lease !== null && parseLease(lease.text)?.holder?.run === context.run.id;
  });
  if (!isHeld) return work(context.signal);
  const options = { find, waitMs: 0, takeOver: false };
  return withTransaction(target, options, ({ signal }) => work(signal));
}

/**
 * Whether the rollout of this run changed nothing because the release of the record serves and is proven already, as it
 * is when a job is run again. A target that does not answer proves nothing.
 * @throws Cancelled
 */
export async function isProvenAlready(
  context: LeaseContext,
  find: TransactionOptions['find'],
): Promise<boolean> {
  if (rolloutOutcome(context) !== 'skipped') return false;
  const isProven = (state: TargetState): boolean => provenRelease(state)?.id === context.record.id;
  return ask(withTarget(context), find, 'read the state of the target', async (state) => isProven(state));
}

function rolloutOutcome({ record }: LeaseContext): string | undefined {
  return record.phases.findLast(({ name }) => name === 'rollout')?.outcome;
}

function withTarget(context: LeaseContext): TargetContext {
  return { ...context, config: context.readConfig(['target', 'services']) };
}

/** Asks the target by its state; false, with a warning, when that cannot be read. */
async function ask(
  context: TargetContext,
  find: TransactionOptions['find'],
  doing: string,
  question: (state: TargetState, store: StateStore) => Promise<boolean>,
): Promise<boolean> {
  const { clock, signal, log, environment, config } = context;
  if (config.target === null) return false;
  try {
    const { store } = await openPlatform(config.target, context, find);
    const state = await readState({ store, scope: { app: config.app, environment }, clock, signal, log });
    return await question(state, store);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    log.warn(`cannot ${doing}: ${describeError(error)}`);
    return false;
  }
}
