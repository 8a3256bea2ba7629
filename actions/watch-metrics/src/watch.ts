import { Cancelled, type Clock, type Duration, type Log } from '@slipway/kernel';
import { judge, type WatchMoment, type WatchVerdict } from '@slipway/signals';
import type { WatchPlan } from './plan.ts';
import { Progress } from './progress.ts';

export interface WatchResult {
  verdict: WatchVerdict;
  moment: WatchMoment;
}

/**
 * Takes a sample at the start, then at every multiple of the interval since then, so that slow samples do not add up,
 * and a last one at the end; stops at the first that proves the release broken. @throws Cancelled when the signal aborts.
 */
export async function watch(
  { source, state, durationMs, intervalMs, minRequests }: WatchPlan,
  context: { clock: Clock; signal: AbortSignal; log: Log },
): Promise<WatchResult> {
  const { clock, signal } = context;
  const progress = new Progress(context, durationMs);
  const start = clock.monotonic();
  const spent = (): Duration => clock.monotonic() - start;
  for (let due = 0; ; due = nextSample(spent(), intervalMs, durationMs)) {
    await sleepUntil(start + due, clock, signal);
    const sample = await source.sample(signal);
    if (signal.aborted) throw new Cancelled('the watch');
    const at = spent();
    state.add(sample, seconds(at));
    progress.report(state, at);
    const moment = {
      atSeconds: seconds(at),
      intervalSeconds: seconds(intervalMs),
      isOver: due >= durationMs,
      minRequests,
    };
    const verdict = judge(state, moment);
    if (verdict.state !== 'undecided') return { verdict, moment };
  }
}

/** The next multiple of the interval; the end of the watch is a sample as well. */
function nextSample(spent: Duration, intervalMs: Duration, durationMs: Duration): Duration {
  return Math.min(durationMs, (Math.floor(spent / intervalMs) + 1) * intervalMs);
}

async function sleepUntil(time: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const left = time - clock.monotonic();
  if (left <= 0) return;
  await clock.sleep(left, signal).catch(() => {
    throw new Cancelled('the watch');
  });
}

function seconds(ms: Duration): number {
  return Math.round(ms) / 1000;
}
