import type { JobResult } from '../events.ts';
import { type Scope, type Status, withContexts, withHashFiles, withStatus } from '../expressions/scope.ts';
import { runnerContext } from '../machine/environment.ts';
import { hashFiles } from '../machine/hash-files.ts';
import type { Machine } from '../machine/machine.ts';
import type { Masks } from '../process/masks.ts';
import type { StepsJob } from '../workflow/model.ts';
import type { Call } from './call.ts';
import type { JobControl } from './job-control.ts';
import type { RunState } from './run-state.ts';

/** A job on its machine, between two steps. */
export interface RunningJob {
  state: RunState;
  call: Call;
  job: StepsJob;
  /** `deploy.preflight` in a called workflow. */
  id: string;
  /** What does not change from step to step: github, needs, inputs, vars, secrets. */
  scope: Scope;
  machine: Machine;
  masks: Masks;
  control: JobControl;
  result: JobResult;
  /** `job.status`, which the status functions of the steps ask. */
  status: 'success' | 'failure' | 'cancelled';
  /** Of workflow and job, then what steps wrote to GITHUB_ENV. */
  env: Record<string, string>;
  /** What steps wrote to GITHUB_PATH, the last one first. */
  paths: string[];
  /** Clean-up that actions announced, the last one first. */
  posts: (() => Promise<void>)[];
}

/** What `success()` and the others say to a step. */
export function stepStatus(status: RunningJob['status']): Status {
  return { success: status === 'success', failure: status === 'failure', cancelled: status === 'cancelled' };
}

/** What a step sees. @param env of the step itself, over the job's. */
export function stepScope(running: RunningJob, env: Record<string, string> = {}): Scope {
  const { machine, status, call, result } = running;
  const { origin, path } = call.workflow;
  const steps = Object.fromEntries(
    result.steps
      .filter((step) => !step.id.startsWith('__'))
      .map(({ id, outputs, outcome, conclusion }) => [id, { outputs, outcome, conclusion }] as const),
  );
  const scope = withContexts(running.scope, {
    steps,
    env: { ...running.env, ...env },
    runner: runnerContext(machine),
    job: {
      status,
      workflow_repository: origin.repository,
      workflow_sha: origin.sha,
      workflow_ref: `${origin.repository}/${path}@${origin.ref}`,
      workflow_file_path: path,
    },
  });
  return withStatus(
    withHashFiles(scope, (patterns) => hashFiles(machine.workspace, patterns)),
    stepStatus(status),
  );
}
