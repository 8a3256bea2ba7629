import type { Call } from './call.ts';
import { type Contexts, fillTexts, type Status } from './expressions.ts';
import type { JobContext } from './job-context.ts';
import { githubContext } from './machine.ts';
import type { RunState } from './run-state.ts';

/** Contexts of `jobs.<id>.if`, `with`, `concurrency` and `environment`: no secrets, nothing of a machine. */
export function jobContexts(
  state: RunState,
  call: Call,
  id: string,
  needs: JobContext['needs'],
  vars: Record<string, string>,
): Contexts {
  return { github: githubContext(state.options, id), inputs: call.inputs, needs, vars };
}

/** Contexts of a calling job's `with` and `secrets`. */
export function callContexts(state: RunState, call: Call, id: string, needs: JobContext['needs']): Contexts {
  return { ...jobContexts(state, call, id, needs, state.options.vars ?? {}), secrets: call.secrets };
}

/** Contexts of a step as they are at this moment. */
export function stepContexts(context: JobContext, env: Record<string, string>): Contexts {
  const { state, call, machine } = context;
  const steps = context.steps.map(
    ({ id, outcome, conclusion, outputs }) => [id, { outcome, conclusion, outputs }] as const,
  );
  return {
    ...jobContexts(state, call, context.key, context.needs, context.vars),
    github: githubContext(state.options, context.key, machine),
    secrets: context.secrets,
    env,
    steps: Object.fromEntries(steps.filter(([id]) => id !== '')),
    job: { status: jobStatus(context) },
    runner: {
      os: 'Linux',
      arch: 'X64',
      temp: machine.temp,
      tool_cache: machine.tools,
      environment: 'self-hosted',
    },
    strategy: {},
  };
}

/** Environment of workflow and job, before the step's own. */
export function jobEnvironment(context: JobContext): Record<string, string> {
  const plain = stepContexts(context, {});
  const workflow = fillTexts(context.call.workflow.env, plain);
  return { ...workflow, ...fillTexts(context.job.env, plain), ...context.env };
}

export function jobStatus(context: JobContext): 'success' | 'failure' | 'cancelled' {
  if (context.cancel.aborted) return 'cancelled';
  return context.steps.some(({ conclusion }) => conclusion === 'failure') ? 'failure' : 'success';
}

export function stepStatus(context: JobContext): Status {
  return {
    success: () => jobStatus(context) === 'success',
    failure: () => jobStatus(context) === 'failure',
    cancelled: () => jobStatus(context) === 'cancelled',
    always: () => true,
  };
}
