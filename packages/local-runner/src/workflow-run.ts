import { type Call, loadCalled, makeCall } from './call.ts';
import { callContexts, jobContexts } from './contexts.ts';
import type { JobResult, JobRun } from './events.ts';
import { fill, holds, type Status, toText } from './expressions.ts';
import { runJob } from './job.ts';
import type { JobContext } from './job-context.ts';
import type { RunState } from './run-state.ts';
import type { Job } from './workflow.ts';

/** Runs the jobs of a workflow, each as soon as those it needs are done. */
export async function runCall(
  state: RunState,
  call: Call,
): Promise<{ result: JobResult; outputs: Record<string, string> }> {
  const running = new Map<string, Promise<JobRun>>();
  const start = (key: string): Promise<JobRun> => {
    const known = running.get(key);
    if (known) return known;
    const job = call.workflow.jobs[key] as Job;
    const mine = Promise.all(needed(job).map(start)).then(() => decide(state, call, key, job));
    running.set(key, mine);
    return mine.then((run) => {
      state.jobs[`${call.prefix}${key}`] = run;
      return run;
    });
  };
  const jobs: Record<string, JobRun> = {};
  for (const key of Object.keys(call.workflow.jobs)) start(key);
  for (const key of Object.keys(call.workflow.jobs)) jobs[key] = await start(key);
  return { result: overall(Object.values(jobs), state.cancelled), outputs: callOutputs(call, jobs) };
}

function needed(job: Job): string[] {
  return typeof job.needs === 'string' ? [job.needs] : (job.needs ?? []);
}

function ancestors(call: Call, key: string): string[] {
  const direct = needed(call.workflow.jobs[key] as Job);
  return [...new Set(direct.flatMap((one) => [one, ...ancestors(call, one)]))];
}

async function decide(state: RunState, call: Call, key: string, job: Job): Promise<JobRun> {
  const results = (keys: string[]): (string | undefined)[] =>
    keys.map((one) => state.jobs[`${call.prefix}${one}`]?.result);
  const above = ancestors(call, key);
  const needs: JobContext['needs'] = Object.fromEntries(
    needed(job).map((one) => {
      const run = state.jobs[`${call.prefix}${one}`];
      return [one, { result: run?.result ?? 'skipped', outputs: run?.outputs ?? {} }];
    }),
  );
  const status: Status = {
    success: () => !state.cancelled && results(above).every((result) => result === 'success'),
    failure: () => !state.cancelled && results(above).includes('failure'),
    cancelled: () => state.cancelled,
    always: () => true,
  };
  const contexts = jobContexts(state, call, key, needs, state.options.vars ?? {});
  const at = Date.now();
  const notRun = (result: JobResult): JobRun => {
    state.emit({ type: 'job-ended', job: `${call.prefix}${key}`, result, at });
    return { result, outputs: {}, steps: [], startedAt: at, endedAt: at };
  };
  if (!holds(job.if, contexts, status)) return notRun(state.cancelled ? 'cancelled' : 'skipped');
  return job.uses === undefined
    ? runJob(state, call, key, job, needs)
    : runCalledJob(state, call, key, job, needs);
}

async function runCalledJob(
  state: RunState,
  call: Call,
  key: string,
  job: Job,
  needs: JobContext['needs'],
): Promise<JobRun> {
  const startedAt = Date.now();
  const contexts = callContexts(state, call, key, needs);
  const called = await loadCalled(job.uses ?? '', call, state);
  const { result, outputs } = await runCall(state, makeCall(job, key, called, call, contexts));
  return { result, outputs, steps: [], startedAt, endedAt: Date.now() };
}

function callOutputs(call: Call, jobs: Record<string, JobRun>): Record<string, string> {
  const declared = Object.entries(call.workflow.on.workflow_call?.outputs ?? {});
  const contexts = {
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([key, { result, outputs }]) => [key, { result, outputs }]),
    ),
    inputs: call.inputs,
  };
  return Object.fromEntries(declared.map(([name, { value }]) => [name, toText(fill(value, contexts))]));
}

function overall(jobs: readonly JobRun[], cancelled: boolean): JobResult {
  if (cancelled) return 'cancelled';
  if (jobs.some(({ result }) => result === 'failure')) return 'failure';
  return jobs.some(({ result }) => result === 'cancelled') ? 'cancelled' : 'success';
}
