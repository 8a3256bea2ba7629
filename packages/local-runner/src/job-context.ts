import type { Call } from './call.ts';
import type { StepResult } from './events.ts';
import type { Machine } from './machine.ts';
import type { RunState } from './run-state.ts';
import type { Job } from './workflow.ts';

/** One job while it runs. */
export interface JobContext {
  state: RunState;
  call: Call;
  /** `deploy.preflight` for a job of a called workflow. */
  id: string;
  /** Key of the job in its workflow. */
  key: string;
  job: Job;
  machine: Machine;
  secrets: Record<string, string>;
  vars: Record<string, string>;
  needs: Record<string, { result: string; outputs: Record<string, string> }>;
  /** What steps added by GITHUB_ENV and GITHUB_PATH. */
  env: Record<string, string>;
  paths: string[];
  steps: StepResult[];
  cancel: AbortSignal;
  lost: AbortSignal;
}
