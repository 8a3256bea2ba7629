import type { JobResult } from '../events.ts';
import { type Contexts, makeScope, type Scope } from '../expressions/scope.ts';
import type { Job, Workflow } from '../workflow/model.ts';
import type { RunState } from './run-state.ts';
import type { SecretAccess } from './secrets.ts';

/** One workflow as it runs: started by the event, or called by a job. */
export interface Call {
  workflow: Workflow;
  /** Before the ids of its jobs: empty, or `deploy.`. */
  prefix: string;
  /** Before their names, as on GitHub's page: empty, or `Deploy / `. */
  heading: string;
  inputs: Record<string, unknown>;
  secrets: SecretAccess;
}

/** What the results of jobs look like to an expression. */
function needsContext(needs: Readonly<Record<string, JobResult>>): Contexts {
  return Object.fromEntries(
    Object.entries(needs).map(([id, { result, outputs }]) => [id, { result, outputs }] as const),
  );
}

/** What a job sees before it has a machine. */
export function jobScope(
  state: RunState,
  call: Call,
  job: Job,
  needs: Readonly<Record<string, JobResult>>,
): Scope {
  return makeScope(call.workflow.file, {
    github: { ...state.github, job: job.id },
    needs: needsContext(needs),
    vars: state.options.vars ?? {},
    inputs: call.inputs,
    strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 },
    matrix: null,
  });
}
