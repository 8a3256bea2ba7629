import type { RunState } from './run-state.ts';

/** What can happen to a job from outside. */
export interface JobControl {
  /** The job is cancelled: with the run, unless its `if` holds even then; or because its time is up. */
  cancel: AbortSignal;
  /** Its machine is gone, or the time after a cancellation is: nothing of it runs on. */
  kill: AbortSignal;
  /** The machine itself was lost. */
  lost: AbortController;
  /** Whether its own timeout cancelled it. */
  timedOut(): boolean;
  /** Starts the clock of `timeout-minutes`. */
  limit(minutes: number): void;
  release(): void;
}

/** @param goesOn whether the `if` of the job holds in a cancelled run: GitHub lets such a job run on. */
export function controlJob(state: RunState, goesOn: (cancelled: boolean) => boolean): JobControl {
  const [cancel, lost, overtime] = [new AbortController(), new AbortController(), new AbortController()];
  const timers: NodeJS.Timeout[] = [];
  let late = false;
  const startOvertime = (): void =>
    void timers.push(setTimeout(() => overtime.abort(), state.timing.overtime));
  const onCancel = (): void => {
    startOvertime();
    if (!goesOn(true)) cancel.abort();
  };
  if (state.cancel.aborted) onCancel();
  else state.cancel.addEventListener('abort', onCancel, { once: true });
  return {
    cancel: cancel.signal,
    kill: AbortSignal.any([lost.signal, overtime.signal, state.forced, state.broken]),
    lost,
    timedOut: () => late,
    limit(minutes) {
      const expire = (): void => {
        late = true;
        startOvertime();
        cancel.abort();
      };
      // Longer than a timer can be set is for ever in a local run.
      timers.push(setTimeout(expire, Math.min(minutes * state.timing.minute, 2 ** 31 - 1)));
    },
    release() {
      for (const timer of timers) clearTimeout(timer);
      state.cancel.removeEventListener('abort', onCancel);
    },
  };
}
