import { Cancelled, describeError } from '@slipway/kernel';
import { changingRelease, provenRelease } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { reachTarget, readLease, readState } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';
import { statusJson, statusLines, statusSentence } from './status-lines.ts';
import { describeStatus, type Observation } from './target-status.ts';

/**
 * Says what serves, what is proven, who holds the lease and what was released. It changes nothing and takes no lease. What
 * cannot be read is said; the rest is shown all the same, and the outcome is inconclusive.
 */
export async function showStatus(context: RollbackContext): Promise<Result> {
  const status = describeStatus(await observe(context));
  context.output({ status: statusJson(status, (text) => context.redactor.redact(text)) });
  const { problems } = status;
  return {
    outcome: problems.length === 0 ? 'passed' : 'inconclusive',
    summary: statusSentence(status),
    details: statusLines(status),
    ...(problems.length > 0 ? { hint: `Not everything could be read: ${problems.join('; ')}.` } : {}),
  };
}

/** @throws UserError or Fault when the target does not answer at all. */
async function observe(context: RollbackContext): Promise<Observation> {
  const { config, environment, clock, signal } = context;
  const { app } = config;
  const { platform, evidence } = await reachTarget(context, programFinder(context));
  const { store } = platform;
  const problems: string[] = [];
  const known = async <T>(read: () => Promise<T>): Promise<T | null> =>
    read().catch((error: unknown) => {
      if (error instanceof Cancelled) throw error;
      problems.push(describeError(error));
      return null;
    });
  const state = await known(() => readState(context, store));
  const running = state
    ? [changingRelease(state), provenRelease(state)].filter((one) => one !== undefined)
    : [];
  const names = new Set([
    ...Object.keys(config.services),
    ...running.flatMap(({ services }) => Object.keys(services)),
  ]);
  const releases = running.map(({ id }) => id);
  const lease = await known(async () => ({ read: await readLease(store, { clock, signal }) }));
  return {
    app,
    environment,
    target: evidence,
    now: await store.now(),
    state,
    lease: lease?.read ?? null,
    leaseKnown: lease !== null,
    services: await known(async () => [...(await platform.observe([...names], releases)).values()]),
    problems,
  };
}
