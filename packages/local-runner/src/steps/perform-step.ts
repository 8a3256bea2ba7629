import { describeError, UserError } from '@slipway/kernel';
import type { Result, StepResult } from '../events.ts';
import { holds, resolve, resolveTexts } from '../expressions/evaluate.ts';
import { withStatus } from '../expressions/scope.ts';
import { StepConsole } from '../process/console.ts';
import { type RunningJob, stepScope, stepStatus } from '../run/running-job.ts';
import type { Step } from '../workflow/model.ts';
import type { StepEnd, StepRun } from './step-run.ts';

/** One step from its `if` to its result, whatever its work is. */
export async function performStep(
  running: RunningJob,
  step: Step,
  label: string,
  work: (run: StepRun) => Promise<StepEnd>,
): Promise<void> {
  const { state, id: job, result: jobResult, masks } = running;
  const name = masks.mask(label);
  const console = new StepConsole({ job, step: step.id }, running.masks, state.emit);
  const at = Date.now();
  const result: StepResult = {
    ...{ id: step.id, name, outputs: {}, startedAt: at, endedAt: at },
    ...{ outcome: 'skipped', conclusion: 'skipped' },
  };
  try {
    const env = resolveTexts(step.env, stepScope(running));
    const scope = stepScope(running, env);
    if (holds(step.condition, scope)) {
      state.emit({ type: 'step-started', at, job, step: step.id, name });
      result.outcome = await attempt({ running, step, env, scope, console }, name, work, result);
    }
  } catch (error) {
    // A refusal inside a step is the workflow's fault and fails it, as on GitHub; a bug of the runner ends the run.
    if (!(error instanceof UserError)) throw error;
    console.error(describeError(error));
    result.outcome = 'failure';
  }
  const forgiven = result.outcome === 'failure' && resolve(step.continueOnError, stepScope(running)) === true;
  result.conclusion = forgiven ? 'success' : result.outcome;
  if (result.conclusion === 'failure' && running.status === 'success') running.status = 'failure';
  result.endedAt = Date.now();
  jobResult.steps.push(result);
  const { outcome, conclusion, endedAt } = result;
  const outputs = Object.fromEntries(
    Object.entries(result.outputs).map(([key, value]) => [key, masks.mask(value)]),
  );
  state.emit({ type: 'step-ended', at: endedAt, job, step: step.id, name, outcome, conclusion, outputs });
}

/** Does the work under the step's timeout, and cancels it with the job unless its `if` holds even then. */
async function attempt(
  run: Omit<StepRun, 'cancel'>,
  name: string,
  work: (run: StepRun) => Promise<StepEnd>,
  result: StepResult,
): Promise<Result> {
  const { running, step, scope, console } = run;
  const { control, state } = running;
  const [cancelled, overdue] = [new AbortController(), new AbortController()];
  const onCancel = (): void => {
    if (!holds(step.condition, withStatus(scope, stepStatus('cancelled')))) cancelled.abort();
  };
  if (!control.cancel.aborted) control.cancel.addEventListener('abort', onCancel, { once: true });
  const minutes = step.timeout && Number(resolve(step.timeout, scope));
  const timer = minutes ? setTimeout(() => overdue.abort(), minutes * state.timing.minute) : undefined;
  try {
    const cancel = AbortSignal.any([cancelled.signal, overdue.signal]);
    const end = await work({ ...run, cancel });
    result.outputs = end.outputs;
    if (control.kill.aborted) return control.lost.signal.aborted ? 'failure' : 'cancelled';
    if (cancelled.signal.aborted) {
      console.error('The operation was canceled.');
      return 'cancelled';
    }
    if (overdue.signal.aborted) {
      console.error(`The action '${name}' has timed out after ${minutes} minutes.`);
      return 'failure';
    }
    return end.ok ? 'success' : 'failure';
  } finally {
    clearTimeout(timer);
    control.cancel.removeEventListener('abort', onCancel);
  }
}
