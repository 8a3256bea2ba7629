import type { Scope } from '../expressions/scope.ts';
import type { StepConsole } from '../process/console.ts';
import type { RunningJob } from '../run/running-job.ts';
import type { Step } from '../workflow/model.ts';

/** A step that runs. */
export interface StepRun {
  running: RunningJob;
  step: Step;
  /** Evaluated `env` of the step alone. */
  env: Record<string, string>;
  scope: Scope;
  console: StepConsole;
  /** Cancelled with the job, or its own time is up. */
  cancel: AbortSignal;
}

/** What a step's work came to. Why it failed has been said on its console. */
export interface StepEnd {
  ok: boolean;
  outputs: Record<string, string>;
}
