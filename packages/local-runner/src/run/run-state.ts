import type { JobResult, RunnerEvent } from '../events.ts';
import { githubTiming, type RunOptions, type Timing } from '../options.ts';
import { Lanes } from './lanes.ts';

/** What all jobs of one run share. */
export class RunState {
  readonly options: RunOptions;
  readonly github: Record<string, unknown>;
  readonly timing: Timing;
  readonly lanes = new Lanes();
  readonly jobs: Record<string, JobResult> = {};
  /** Folders of the artifacts by name. */
  readonly artifacts: Record<string, string> = {};
  /** The machines that run now, by job. */
  readonly machines = new Map<string, AbortController>();
  /** The run is cancelled. */
  readonly cancel: AbortSignal;
  readonly #broken = new AbortController();
  readonly #forced = new AbortController();

  constructor(options: RunOptions, github: Record<string, unknown>) {
    this.options = options;
    this.github = github;
    this.timing = { ...githubTiming, ...options.timing };
    this.cancel = options.signal ?? new AbortController().signal;
    if (this.cancel.aborted) this.#announceCancel();
    else this.cancel.addEventListener('abort', () => this.#announceCancel(), { once: true });
  }

  /** The run cannot continue, for a reason that is none of the workflow's: everything ends at once. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  breakOff(): void {
    this.#broken.abort();
  }

  /** Somebody has cancelled the run by force. */
  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  forceCancel(): void {
    this.emit({ type: 'cancelled', at: Date.now(), forced: true });
    this.#forced.abort();
  }

  readonly emit = (event: RunnerEvent): void => this.options.on?.(event);

  #announceCancel(): void {
    this.emit({ type: 'cancelled', at: Date.now(), forced: false });
  }
}
