import { UserError } from '@slipway/kernel';
import type { RunResult } from '../events.ts';
import { makeScope } from '../expressions/scope.ts';
import { githubContext } from '../machine/github-context.ts';
import type { RunHandle, RunOptions } from '../options.ts';
import { checkUses } from '../steps/check-uses.ts';
import { loadWorkflow } from '../workflow/load.ts';
import type { Workflow } from '../workflow/model.ts';
import { checkTrigger } from '../workflow/triggers.ts';
import type { Call } from './call.ts';
import { readInputs } from './inputs.ts';
import { RunState } from './run-state.ts';
import { runCall } from './workflow-run.ts';

/** Runs a workflow of the caller's repository for an event, on this machine. */
export function runWorkflow(options: RunOptions): RunHandle {
  let state: RunState | undefined;
  const start = async (): Promise<RunResult> => {
    checkOptions(options);
    const workflow = await loadWorkflow(options);
    checkTrigger(workflow, options.event.name, options.repository.ref);
    await checkUses(workflow, options);
    state = new RunState(options, githubContext(options, workflow));
    return run(state, startCall(workflow, options, state));
  };
  return {
    done: start(),
    forceCancel() {
      if (!state) throw new UserError('the run has not begun');
      state.forceCancel();
    },
    loseMachine(job) {
      const machine = state?.machines.get(job);
      if (!machine) throw new UserError(`the job ${job} runs on no machine now`);
      machine.abort();
    },
  };
}

async function run(state: RunState, call: Call): Promise<RunResult> {
  const { runId = 1, workflow } = state.options;
  state.emit({ type: 'run-started', at: Date.now(), runId, workflow });
  const { result, outputs } = await runCall(state, call);
  const settled = result === 'skipped' ? 'success' : result;
  // A run that was cancelled says so, even when what was left of it then failed.
  const cancelled = state.cancel.aborted || state.forced.aborted;
  const conclusion = cancelled && result !== 'success' ? 'cancelled' : settled;
  state.emit({ type: 'run-ended', at: Date.now(), conclusion });
  return { conclusion, jobs: state.jobs, artifacts: state.artifacts, outputs };
}

function startCall(workflow: Workflow, options: RunOptions, state: RunState): Call {
  const { event } = options;
  const declared = (
    event.name === 'workflow_call'
      ? workflow.call
      : event.name === 'workflow_dispatch'
        ? workflow.dispatch
        : undefined
  )?.inputs;
  const scope = makeScope(workflow.file, { github: state.github, vars: options.vars ?? {}, inputs: {} });
  return {
    workflow,
    prefix: '',
    heading: '',
    inputs: readInputs(declared ?? new Map(), event.inputs ?? {}, scope, workflow.file, true),
    secrets: { values: options.secrets ?? {}, names: 'all' },
  };
}

function checkOptions(options: RunOptions): void {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24) throw new UserError(`the local runner needs Node 24, this is ${process.versions.node}`);
  if (!/^[\w.-]+\/[\w.-]+$/.test(options.repository.name)) {
    throw new UserError(`"${options.repository.name}" is not a repository: OWNER/NAME was expected`);
  }
  const gated = Object.entries(options.environments ?? {}).filter(([, settings]) => settings.reviewers);
  if (gated.length > 0 && !options.approve) {
    throw new UserError(`the environment ${gated[0]?.[0]} has reviewers, but there is no "approve" to ask`);
  }
}
