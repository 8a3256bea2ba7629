import { describeError } from '@slipway/kernel';
import type { Call } from './call.ts';
import { jobContexts, jobEnvironment, jobStatus, stepContexts } from './contexts.ts';
import type { JobResult, JobRun } from './events.ts';
import { fill, toText } from './expressions.ts';
import type { JobContext } from './job-context.ts';
import { prepareMachine } from './machine.ts';
import type { RunState } from './run-state.ts';
import { runStep } from './step.ts';
import type { Job } from './workflow.ts';

const defaultTimeoutMinutes = 360;

/** Runs a job with steps: approval, concurrency, a machine of its own, the steps, the outputs. */
export async function runJob(
  state: RunState,
  call: Call,
  key: string,
  job: Job,
  needs: JobContext['needs'],
): Promise<JobRun> {
  const id = `${call.prefix}${key}`;
  const startedAt = Date.now();
  const run: JobRun = { result: 'failure', outputs: {}, steps: [], startedAt, endedAt: startedAt };
  const contexts = jobContexts(state, call, key, needs, state.options.vars ?? {});
  try {
    const environment = environmentName(job, contexts);
    const name = toText(fill(job.name ?? key, contexts));
    if (environment && !(await approved(state, id, environment)))
      return { ...run, result: state.cancelled ? 'cancelled' : 'failure' };
    const lane = typeof job.concurrency === 'string' ? job.concurrency : job.concurrency?.group;
    await state.inLane(lane && toText(fill(lane, contexts)), async () => {
      state.emit({ type: 'job-started', job: id, name, at: Date.now() });
      await onMachine(state, call, { id, key, job, needs, environment }, run);
    });
  } catch (error) {
    state.emit({
      type: 'annotation',
      job: id,
      step: '',
      level: 'error',
      title: id,
      message: state.masks.mask(describeError(error)),
    });
  }
  run.endedAt = Date.now();
  state.emit({ type: 'job-ended', job: id, result: run.result, at: run.endedAt });
  return run;
}

function environmentName(job: Job, contexts: Parameters<typeof fill>[1]): string {
  const name = typeof job.environment === 'string' ? job.environment : job.environment?.name;
  return toText(fill(name, contexts));
}

async function approved(state: RunState, job: string, environment: string): Promise<boolean> {
  if (!state.options.environments?.[environment]?.reviewers) return true;
  state.emit({ type: 'approval-waiting', job, environment });
  const cancelled = new Promise<'rejected'>((resolve) => {
    if (state.cancelled) resolve('rejected');
    state.options.signal?.addEventListener('abort', () => resolve('rejected'));
  });
  const ask = state.options.approve?.({ environment, job }) ?? Promise.resolve<'rejected'>('rejected');
  const answer = await Promise.race([ask, cancelled]);
  state.emit({ type: 'approval-given', job, environment, answer });
  return answer === 'approved';
}

type Placed = Pick<JobContext, 'id' | 'key' | 'job' | 'needs'> & { environment: string };

async function onMachine(state: RunState, call: Call, placed: Placed, run: JobRun): Promise<void> {
  const settings = state.options.environments?.[placed.environment] ?? {};
  const overdue = new AbortController();
  const lost = state.lossOf(placed.id);
  const cancel = AbortSignal.any([...(state.options.signal ? [state.options.signal] : []), overdue.signal]);
  const context: JobContext = {
    ...placed,
    state,
    call,
    machine: await prepareMachine(state.options.work, placed.id, state.options),
    secrets: { ...call.secrets, ...reachable(settings.secrets ?? {}, call) },
    vars: { ...state.options.vars, ...settings.vars },
    env: {},
    paths: [],
    steps: run.steps,
    cancel,
    lost,
  };
  const minutes = Number(
    fill(placed.job['timeout-minutes'], stepContexts(context, {})) ?? defaultTimeoutMinutes,
  );
  const timer = setTimeout(() => overdue.abort(), minutes * 60_000);
  try {
    for (const [index, step] of (placed.job.steps ?? []).entries()) {
      await runStep(context, step, index);
      if (lost.aborted) return;
    }
    run.result = resultOf(context);
    run.outputs = jobOutputs(context);
  } finally {
    clearTimeout(timer);
  }
}

/** An environment's secret reaches a called workflow only under a name that the caller hands on. */
function reachable(secrets: Record<string, string>, { environmentSecrets }: Call): Record<string, string> {
  if (environmentSecrets === 'all') return secrets;
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => environmentSecrets.has(name)));
}

function resultOf(context: JobContext): JobResult {
  const status = jobStatus(context);
  return status === 'failure' && context.job['continue-on-error'] === true ? 'success' : status;
}

/** Evaluated however the job ended. Empty ones and those that hold a secret are dropped, as GitHub does. */
function jobOutputs(context: JobContext): Record<string, string> {
  const contexts = stepContexts(context, jobEnvironment(context));
  const outputs: Record<string, string> = {};
  for (const [name, expression] of Object.entries(context.job.outputs ?? {})) {
    const value = toText(fill(expression, contexts));
    if (value === '') continue;
    if (context.state.masks.touches(value))
      context.state.emit({ type: 'output-dropped', job: context.id, output: name });
    else outputs[name] = value;
  }
  return outputs;
}
