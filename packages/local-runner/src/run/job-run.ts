import { isMapping } from '@actions/workflow-parser/templates/tokens/type-guards';
import type { JobResult } from '../events.ts';
import { resolve, resolveText, resolveTexts } from '../expressions/evaluate.ts';
import { type Scope, withContexts } from '../expressions/scope.ts';
import { eventPayload } from '../machine/github-context.ts';
import { clearMachine, prepareMachine } from '../machine/machine.ts';
import { Masks } from '../process/masks.ts';
import { runSteps } from '../steps/run-steps.ts';
import type { StepsJob, Template } from '../workflow/model.ts';
import { askApproval, refuseRef, takeTurn } from './admission.ts';
import type { Call } from './call.ts';
import { controlJob, type JobControl } from './job-control.ts';
import { jobOutputs, publishUrl } from './job-outputs.ts';
import type { RunState } from './run-state.ts';
import { chooseRunner } from './runner-choice.ts';
import type { RunningJob } from './running-job.ts';
import { secretsOfJob } from './secrets.ts';

/** A job whose `if` holds. */
export interface JobStart {
  state: RunState;
  call: Call;
  job: StepsJob;
  id: string;
  name: string;
  scope: Scope;
  /** Whether its `if` holds, in a run that is cancelled or not. */
  goesOn: (cancelled: boolean) => boolean;
  /** Filled in as the job goes. */
  result: JobResult;
}

/** GitHub's limit when a job sets none. */
const defaultMinutes = 360;

/** Takes a job from its queue and its approval to its outputs. */
export async function runStepsJob(start: JobStart): Promise<void> {
  const { state, job, scope, result } = start;
  const control = controlJob(state, start.goesOn);
  const giveUp = AbortSignal.any([control.cancel, control.kill]);
  const environment = environmentOf(job, scope);
  try {
    const turn = await takeTurn(state, job.concurrency, scope, giveUp);
    if (!turn.granted) {
      result.result = 'cancelled';
      return;
    }
    // A job that waits for approval holds its group: so does GitHub.
    try {
      const answer =
        environment === '' ? 'approved' : await askApproval(state, environment, start.id, giveUp);
      if (answer === 'approved' && refuseRef(state, environment, start.id)) result.result = 'failure';
      else if (answer === 'approved') await runOnMachine(start, control, environment);
      else result.result = answer === 'rejected' ? 'failure' : 'cancelled';
    } finally {
      turn.leave();
    }
  } finally {
    control.release();
  }
}

function environmentOf(job: StepsJob, scope: Scope): string {
  return job.environment ? resolveText(fieldOf(job.environment, 'name'), scope) : '';
}

/** A member of `environment`, which is a name or a mapping. */
function fieldOf(token: Template, key: string): Template | undefined {
  if (isMapping(token)) return token.find(key);
  return key === 'name' ? token : undefined;
}

async function runOnMachine(start: JobStart, control: JobControl, environment: string): Promise<void> {
  const { state, job, id, name, result } = start;
  result.startedAt = Date.now();
  const runsOn = chooseRunner(job.runsOn, start.scope);
  const minutes = Number(resolve(job.timeout, start.scope) ?? defaultMinutes);
  state.emit({ type: 'job-started', at: result.startedAt, job: id, name, runsOn, minutes });
  state.machines.set(id, control.lost);
  const running = await setUp(start, control, environment);
  control.limit(minutes);
  control.cancel.addEventListener('abort', () => {
    running.status = 'cancelled';
  });
  if (control.cancel.aborted) running.status = 'cancelled';
  try {
    await runSteps(running);
  } finally {
    state.machines.delete(id);
    clearMachine(running.machine);
  }
  finish(running, environment);
}

function finish(running: RunningJob, environment: string): void {
  const { control, job, result, state, id } = running;
  if (control.kill.aborted) {
    if (control.lost.signal.aborted) state.emit({ type: 'machine-lost', at: Date.now(), job: id });
    result.result = control.lost.signal.aborted ? 'failure' : 'cancelled';
    return;
  }
  result.outputs = jobOutputs(running);
  const url = job.environment && fieldOf(job.environment, 'url');
  if (url) publishUrl(running, environment, url);
  const forgiven = running.status === 'failure' && resolve(job.continueOnError, running.scope) === true;
  result.result = forgiven ? 'success' : running.status;
}

async function setUp(start: JobStart, control: JobControl, environment: string): Promise<RunningJob> {
  const { state, call, job, id, result } = start;
  const settings = state.options.environments?.[environment] ?? {};
  const secrets = secretsOfJob(call.secrets, settings.secrets ?? {}, state.options.token);
  const masks = new Masks();
  for (const value of Object.values(secrets)) masks.add(value);
  const machine = await prepareMachine(state.options.work, id, eventPayload(state.options));
  const github = {
    ...state.github,
    job: job.id,
    workspace: machine.workspace,
    event_path: machine.eventFile,
  };
  const vars = { ...state.options.vars, ...settings.vars };
  const scope = withContexts(start.scope, { github, vars, secrets });
  const env = { ...resolveTexts(call.workflow.env, scope), ...resolveTexts(job.env, scope) };
  return {
    ...{ state, call, job, id, scope, machine, masks, control, result, env },
    status: 'success',
    paths: [],
    posts: [],
  };
}
