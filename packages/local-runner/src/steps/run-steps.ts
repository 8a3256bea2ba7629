import { resolveText } from '../expressions/evaluate.ts';
import { type RunningJob, stepScope } from '../run/running-job.ts';
import type { Step } from '../workflow/model.ts';
import { performStep } from './perform-step.ts';
import { runScript } from './script.ts';
import type { StepEnd, StepRun } from './step-run.ts';
import { useAction } from './use-action.ts';

/** Runs the steps of a job in order, then the clean-up of the actions, the last one first. */
export async function runSteps(running: RunningJob): Promise<void> {
  for (const step of running.job.steps) {
    if (running.control.kill.aborted) return;
    await runStep(running, step);
  }
  for (const post of running.posts) {
    if (running.control.kill.aborted) return;
    await post();
  }
}

async function runStep(running: RunningJob, step: Step): Promise<void> {
  const work = (run: StepRun): Promise<StepEnd> =>
    step.work.kind === 'run' ? runScript(run, step.work) : useAction(run, step.work);
  await performStep(running, step, nameOf(running, step), work);
}

function nameOf(running: RunningJob, step: Step): string {
  try {
    if (step.name) return resolveText(step.name, stepScope(running));
    if (step.work.kind === 'uses') return `Run ${step.work.uses}`;
    return `Run ${resolveText(step.work.script, stepScope(running)).trim().split('\n')[0]}`;
  } catch {
    return step.id;
  }
}
