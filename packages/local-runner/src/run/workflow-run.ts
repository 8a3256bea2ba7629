import { isMapping } from '@actions/workflow-parser/templates/tokens/type-guards';
import type { JobResult, Result } from '../events.ts';
import { formatLocation, holds, resolve, resolveText } from '../expressions/evaluate.ts';
import { makeScope, type Scope, withContexts, withStatus } from '../expressions/scope.ts';
import type { CallJob, Job } from '../workflow/model.ts';
import { type Call, jobScope } from './call.ts';
import { ancestors, combine, jobStatus } from './graph.ts';
import { readInputs } from './inputs.ts';
import { runStepsJob } from './job-run.ts';
import { resultsBefore } from './run-again.ts';
import type { RunState } from './run-state.ts';
import { passSecrets } from './secrets.ts';

export interface CallResult {
  result: Result;
  outputs: Record<string, string>;
}

type Results = Record<string, JobResult>;

/** Runs all jobs of a workflow, each as soon as what it needs has finished. */
export async function runCall(state: RunState, call: Call): Promise<CallResult> {
  const started = new Map<string, Promise<JobResult>>();
  const start = (id: string): Promise<JobResult> => {
    const known = started.get(id);
    if (known) return known;
    const job = call.workflow.jobs.get(id) as Job;
    const running = Promise.all(job.needs.map(start))
      .then(() => runJob(state, call, job, start))
      .catch((error) => {
        state.breakOff();
        throw error;
      });
    started.set(id, running);
    return running;
  };
  const ids = [...call.workflow.jobs.keys()];
  const finished = await Promise.allSettled(ids.map(start));
  const failed = finished.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  const results: Results = {};
  for (const id of ids) results[id] = await start(id);
  return {
    result: combine(Object.values(results).map(({ result }) => result)),
    outputs: outputsOf(state, call, results),
  };
}

async function runJob(
  state: RunState,
  call: Call,
  job: Job,
  finished: (id: string) => Promise<JobResult>,
): Promise<JobResult> {
  const before: Results = {};
  for (const id of ancestors(call.workflow, job.id)) before[id] = await finished(id);
  const needs = Object.fromEntries(job.needs.map((id) => [id, before[id] as JobResult]));
  const scope = jobScope(state, call, job, needs);
  const results = Object.values(before).map(({ result }) => result);
  const goesOn = (cancelled: boolean): boolean =>
    holds(job.condition, withStatus(scope, jobStatus(results, cancelled)));
  const id = `${call.prefix}${job.id}`;
  const heading = `${call.heading}${job.name ? resolveText(job.name, scope) : job.id}`;
  const at = Date.now();
  const result: JobResult = { result: 'skipped', outputs: {}, startedAt: at, endedAt: at, steps: [] };
  Object.assign(state.jobs, { [id]: result }, resultsBefore(state.options.again, call, job));
  const earlier = state.jobs[id];
  if (earlier && earlier !== result) return earlier;
  if (goesOn(state.cancel.aborted)) {
    if (state.forced.aborted) result.result = 'cancelled';
    else if (job.kind === 'call') Object.assign(result, await runCalled(state, call, job, scope, heading));
    else await runStepsJob({ state, call, job, id, name: heading, scope, goesOn, result });
  }
  result.endedAt = Date.now();
  const { outputs } = result;
  state.emit({
    type: 'job-ended',
    at: result.endedAt,
    job: id,
    name: heading,
    result: result.result,
    outputs,
  });
  return result;
}

async function runCalled(
  state: RunState,
  call: Call,
  job: CallJob,
  scope: Scope,
  heading: string,
): Promise<CallResult> {
  const { workflow } = job;
  if (!workflow?.call) throw new Error(`${job.id} was not loaded`);
  const where = formatLocation(call.workflow.file, job.line);
  const given: Record<string, unknown> = {};
  for (const { key, value } of job.with && isMapping(job.with) ? job.with : [])
    given[String(key)] = resolve(value, scope);
  const secrets = {
    ...call.secrets.values,
    ...(state.options.token ? { GITHUB_TOKEN: state.options.token } : {}),
  };
  return runCall(state, {
    workflow,
    prefix: `${call.prefix}${job.id}.`,
    heading: `${heading} / `,
    inputs: readInputs(workflow.call.inputs, given, makeScope(workflow.file, scope.contexts), where, false),
    secrets: passSecrets(job, call.workflow, call.secrets, withContexts(scope, { secrets })),
  });
}

/** The outputs that `workflow_call` declares. Nothing to mask: jobs have dropped what held a secret. */
function outputsOf(state: RunState, call: Call, results: Results): Record<string, string> {
  const jobs = Object.fromEntries(
    Object.entries(results).map(([id, { result, outputs }]) => [id, { result, outputs }] as const),
  );
  const { github, options } = state;
  const scope = makeScope(call.workflow.file, {
    github,
    vars: options.vars ?? {},
    inputs: call.inputs,
    jobs,
  });
  const declared = [...(call.workflow.call?.outputs ?? [])];
  return Object.fromEntries(declared.map(([name, value]) => [name, resolveText(value, scope)]));
}
