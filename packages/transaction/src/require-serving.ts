import { Fault, poll } from '@slipway/kernel';
import type { ReleaseEntry } from '@slipway/release';
import type { TargetContext } from './context.ts';
import { findNotServing } from './not-serving.ts';
import type { OpenTarget } from './with-transaction.ts';

/** How long a replica that restarts, is moved or misses a health check may take to be ready again. */
const servingWithinMs = 30_000;
const checkEveryMs = 2000;

/**
 * Waits until every service serves a release, for somebody may have changed the target since it was rolled out.
 * @param during The name of the step, for the log.
 * @param refusal The error to throw, given the services that do not serve the release, as a list in words.
 * @throws What `refusal` makes when a service still does not serve it after 30 s; Fault when the target does not answer.
 */
export async function requireServing(
  { clock, signal }: Pick<TargetContext, 'clock' | 'signal'>,
  { platform }: Pick<OpenTarget, 'platform'>,
  release: Pick<ReleaseEntry, 'services'>,
  { during, refusal }: { during: string; refusal: (services: string) => Error },
): Promise<void> {
  let fault: Fault | null = null;
  const wait = { clock, signal, intervalMs: checkEveryMs, timeoutMs: servingWithinMs, during };
  const polled = await poll(wait, async () => {
    try {
      const replaced = await findNotServing(platform, release);
      fault = null;
      return replaced.length === 0 ? { done: true, value: null } : { done: false, seen: replaced.join(', ') };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error;
      return { done: false, seen: error.message };
    }
  });
  if (polled.ok) return;
  throw fault ?? refusal(polled.seen);
}
