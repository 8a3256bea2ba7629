import { Cancelled, type Clock, type Duration, type Log } from '@slipway/kernel';
import { judge, type Moment, type WatchVerdict } from '@slipway/signals';
import type { WatchPlan } from './plan.ts';
import { Progress } from './progress.ts';

export interface Watched {
  verdict: WatchVerdict;
  moment: Moment;
}

/**
 * Looks at the begin, then every `every` by the clock of the begin, so that slow looks do not add up, and a last time
 * at the end; stops at the first look that proves the release broken. @throws Cancelled when the signal aborts.
 */
export async function watch(
  plan: WatchPlan,
  parts: { clock: Clock; signal: AbortSignal; log: Log },
): Promise<Watched> {
  const { source, course, lasts, every, minRequests } = plan;
  const { clock, signal } = parts;
  const progress = new Progress(parts, lasts);
  const start = clock.monotonic();
  const spent = (): Duration => clock.monotonic() - start;
  for (let due = 0; ; due = nextLook(spent(), every, lasts)) {
    await sleepUntil(start + due, clock, signal);
    const look = await source.look(signal);
    if (signal.aborted) throw new Cancelled('the watch');
    const at = spent();
    course.take(look, seconds(at));
    progress.tell(course, at);
    const moment = { at: seconds(at), every: seconds(every), over: due >= lasts, minRequests };
    const verdict = judge(course, moment);
    if (verdict.state !== 'going-on') return { verdict, moment };
  }
}

/** The next multiple of `every`; the end of the watch is a look as well. */
function nextLook(spent: Duration, every: Duration, lasts: Duration): Duration {
  return Math.min(lasts, (Math.floor(spent / every) + 1) * every);
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
