import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import type { JobRun, RunnerEvent } from './events.ts';
import { Masks } from './masks.ts';
import type { RunOptions } from './options.ts';

/** After a cancellation everything still running is killed 5 minutes later. */
const longestAfterCancel = 5 * 60_000;

/** What all jobs of one run share. */
export class RunState {
  readonly options: RunOptions;
  readonly masks = new Masks();
  readonly jobs: Record<string, JobRun> = {};
  readonly artifacts: Record<string, string> = {};
  readonly lost = new Map<string, AbortController>();
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly #overtime = new AbortController();

  constructor(options: RunOptions) {
    this.options = options;
    const environments = Object.values(options.environments ?? {});
    for (const secrets of [options.secrets, ...environments.map((one) => one.secrets)]) {
      for (const value of Object.values(secrets ?? {})) this.masks.add(value);
    }
    if (options.token) this.masks.add(options.token);
    options.signal?.addEventListener('abort', () => {
      this.emit({ type: 'cancelled', at: Date.now() });
      setTimeout(() => this.#overtime.abort(), longestAfterCancel).unref();
    });
  }

  get cancelled(): boolean {
    return this.options.signal?.aborted ?? false;
  }

  /** Aborts when the machine of the job is lost, or the run is 5 minutes past its cancellation. */
  lossOf(job: string): AbortSignal {
    const controller = this.lost.get(job) ?? new AbortController();
    this.lost.set(job, controller);
    return AbortSignal.any([controller.signal, this.#overtime.signal]);
  }

  emit(event: RunnerEvent): void {
    this.options.on?.(event);
  }

  /** One at a time per concurrency group, in the order they came. */
  async inLane<T>(group: string | undefined, body: () => Promise<T>): Promise<T> {
    if (group === undefined) return body();
    const before = this.#lanes.get(group) ?? Promise.resolve();
    const mine = before.then(body, body);
    this.#lanes.set(
      group,
      mine.catch(() => undefined),
    );
    return mine;
  }

  /** Folder of `OWNER/repository`. @throws UserError when nobody said where it is. */
  repository(name: string): string {
    const dir = this.options.repositories[name];
    if (dir) return path.resolve(dir);
    throw new UserError(
      `the repository ${name} is not known here; known: ${Object.keys(this.options.repositories).join(', ')}`,
    );
  }
}
