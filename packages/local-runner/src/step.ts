import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describeError, UserError } from '@slipway/kernel';
import { jobEnvironment, stepContexts, stepStatus } from './contexts.ts';
import type { StepConclusion, StepResult } from './events.ts';
import { type Contexts, fill, fillTexts, holds, toText } from './expressions.ts';
import type { JobContext } from './job-context.ts';
import { machineEnvironment } from './machine.ts';
import { findAction, readAction } from './node-action.ts';
import { findStandIn } from './stand-ins.ts';
import { runStepProcess, type StepProcessResult } from './step-process.ts';
import type { Step } from './workflow.ts';

/** Runs one step of a job and adds its result to the job's. */
export async function runStep(context: JobContext, step: Step, index: number): Promise<void> {
  const { state, id: job } = context;
  const env = jobEnvironment(context);
  const contexts = stepContexts(context, { ...env, ...fillTexts(step.env, stepContexts(context, env)) });
  const id = step.id ?? '';
  const key = id || `step-${index + 1}`;
  const name = toText(fill(step.name ?? step.uses ?? step.run?.split('\n')[0] ?? key, contexts));
  const startedAt = Date.now();
  const end = (outcome: StepConclusion, outputs: Record<string, string>): void => {
    const tolerated = outcome === 'failure' && fill(step['continue-on-error'], contexts) === true;
    const conclusion = tolerated ? 'success' : outcome;
    const result: StepResult = { id, name, outcome, conclusion, outputs, startedAt, endedAt: Date.now() };
    context.steps.push(result);
    const shown = Object.fromEntries(
      Object.entries(outputs).map(([key, value]) => [key, state.masks.mask(value)]),
    );
    state.emit({ type: 'step-ended', job, step: key, name, conclusion, outputs: shown, at: result.endedAt });
  };
  try {
    if (!holds(step.if, contexts, stepStatus(context))) return end('skipped', {});
    state.emit({ type: 'step-started', job, step: key, name, at: startedAt });
    const { code, outputs } = await execute(context, step, key, contexts);
    if (code === 0) return end('success', outputs);
    end(context.cancel.aborted ? 'cancelled' : 'failure', outputs);
  } catch (error) {
    const message = state.masks.mask(describeError(error));
    state.emit({ type: 'annotation', job, step: key, level: 'error', title: name, message });
    end('failure', {});
  }
}

async function execute(
  context: JobContext,
  step: Step,
  key: string,
  contexts: Contexts,
): Promise<StepProcessResult> {
  const cancel = stepCancel(context, step, contexts);
  if (step.run !== undefined) return runScript(context, step, key, contexts, cancel);
  const uses = step.uses ?? '';
  const folder = findAction(uses, context);
  if (folder) {
    const { main, inputs } = await readAction(folder, step.with ?? {}, contexts);
    const env = processEnvironment(context, contexts, inputs);
    return runStepProcess(context, {
      argv: [process.execPath, main],
      cwd: context.machine.workspace,
      env,
      step: key,
      cancel,
    });
  }
  const { state, id: job } = context;
  const log = (line: string): void =>
    state.emit({ type: 'log', job, step: key, line: state.masks.mask(line), group: null, level: 'info' });
  await findStandIn(uses)(context, fillTexts(step.with, contexts), log);
  return { code: 0, outputs: {} };
}

/**
 * Aborts when this step has to end: its time is over, or the run is cancelled while it runs. A step that starts after
 * the cancellation, because its condition says so, is left to run.
 */
function stepCancel(context: JobContext, step: Step, contexts: Contexts): AbortSignal {
  const minutes = fill(step['timeout-minutes'], contexts);
  const signals = context.cancel.aborted ? [] : [context.cancel];
  if (typeof minutes === 'number') signals.push(AbortSignal.timeout(minutes * 60_000));
  return AbortSignal.any(signals);
}

async function runScript(
  context: JobContext,
  step: Step,
  key: string,
  contexts: Contexts,
  cancel: AbortSignal,
): Promise<StepProcessResult> {
  const shells: Record<string, readonly [string, ...string[]]> = {
    '': ['bash', '-e'],
    bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'],
    sh: ['sh', '-e'],
  };
  const shell = shells[step.shell ?? ''];
  if (!shell) throw new UserError(`the shell "${step.shell}" is not implemented here`);
  const script = path.join(context.machine.temp, `${key}.sh`);
  await writeFile(script, toText(fill(step.run, contexts)));
  const cwd = path.resolve(
    context.machine.workspace,
    toText(fill(step['working-directory'] ?? '.', contexts)),
  );
  const env = processEnvironment(context, contexts, {});
  return runStepProcess(context, { argv: [...shell, script], cwd, env, step: key, cancel });
}

function processEnvironment(
  context: JobContext,
  contexts: Contexts,
  inputs: Record<string, string>,
): Record<string, string> {
  const base = machineEnvironment(context.state.options, context.key, context.machine);
  const own = contexts.env as Record<string, string>;
  const PATH = [...context.paths, own.PATH ?? base.PATH ?? ''].join(':');
  return { ...base, ...own, PATH, ...inputs };
}
