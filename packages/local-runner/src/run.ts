import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { type Call, readInputs } from './call.ts';
import type { RunResult } from './events.ts';
import type { RunOptions } from './options.ts';
import { RunState } from './run-state.ts';
import { loadWorkflow } from './workflow.ts';
import { runCall } from './workflow-run.ts';

export interface RunHandle {
  /** @throws UserError for a workflow that GitHub would refuse, or that holds what is not implemented here. */
  done: Promise<RunResult>;
  /** The machine of a job is gone: its processes die, no further step runs, its outputs are empty. */
  loseMachine(job: string): void;
}

/** Executes a workflow file of the caller's repository for an event, on this machine. */
export function runWorkflow(options: RunOptions): RunHandle {
  const state = new RunState(options);
  return {
    done: run(state, options),
    loseMachine(job) {
      const controller = state.lost.get(job);
      if (!controller) throw new UserError(`job ${job} is not running`);
      controller.abort();
    },
  };
}

async function run(state: RunState, options: RunOptions): Promise<RunResult> {
  const { repository, event } = options;
  const workflow = await loadWorkflow(path.join(repository.dir, options.workflow), repository.dir);
  if (!(event.name in workflow.on)) {
    throw new UserError(
      `${options.workflow} does not run on ${event.name}; it runs on ${Object.keys(workflow.on).join(', ')}`,
    );
  }
  const declared = workflow.on[event.name]?.inputs ?? {};
  const call: Call = {
    workflow,
    prefix: '',
    inputs: readInputs(declared, event.inputs ?? {}, options.workflow),
    secrets: options.secrets ?? {},
    environmentSecrets: 'all',
    ceiling: undefined,
  };
  const { result } = await runCall(state, call);
  const conclusion = result === 'skipped' ? 'success' : result;
  return { conclusion, jobs: state.jobs, artifacts: state.artifacts };
}
