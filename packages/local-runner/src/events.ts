export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';
export type Level = 'error' | 'warning' | 'notice';

/** Where something happened: ids of the job (`deploy.preflight` in a called workflow) and of the step. */
interface Where {
  /** Milliseconds since the epoch. */
  at: number;
  job: string;
}

interface InStep extends Where {
  /** As in the workflow; steps without an id are named as GitHub names them, `__run_2`. */
  step: string;
}

/** A message that GitHub shows on the page of the run. */
export interface Annotation {
  level: Level;
  message: string;
  title?: string;
  file?: string;
  line?: number;
  endLine?: number;
  col?: number;
  endColumn?: number;
}

/** What `runs-on` asks for: all of the labels, on a runner of the group where one is named. */
export interface RunnerChoice {
  group: string | null;
  labels: readonly string[];
}

/** What happens in a run, in order. `minutes` is the time limit of a job. Every text is masked as GitHub masks its log. */
export type RunnerEvent =
  | { type: 'run-started'; at: number; runId: number; workflow: string }
  | { type: 'cancelled'; at: number; forced: boolean }
  | { type: 'run-ended'; at: number; conclusion: RunResult['conclusion'] }
  | ({ type: 'job-started'; name: string; runsOn: RunnerChoice; minutes: number } & Where)
  | ({ type: 'job-ended'; name: string; result: Result; outputs: Record<string, string> } & Where)
  | ({ type: 'machine-lost' } & Where)
  | ({ type: 'step-started'; name: string } & InStep)
  | ({
      type: 'step-ended';
      name: string;
      outcome: Result;
      conclusion: Result;
      outputs: Record<string, string>;
    } & InStep)
  | ({ type: 'log'; level: 'info' | 'debug' | 'group'; group: string | null; line: string } & InStep)
  | ({ type: 'annotation' } & Annotation & InStep)
  | ({ type: 'summary'; markdown: string } & InStep)
  | ({ type: 'approval-waiting'; environment: string } & Where)
  | ({ type: 'approval-given'; environment: string; answer: 'approved' | 'rejected' } & Where)
  | ({ type: 'deployment'; environment: string; url: string } & Where)
  | ({ type: 'output-dropped'; output: string } & Where)
  | ({ type: 'warning'; message: string } & Where);

export interface StepResult {
  id: string;
  name: string;
  /** Before `continue-on-error`. */
  outcome: Result;
  conclusion: Result;
  outputs: Record<string, string>;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
}

export interface JobResult {
  result: Result;
  outputs: Record<string, string>;
  startedAt: number;
  endedAt: number;
  steps: StepResult[];
}

export interface RunResult {
  conclusion: 'success' | 'failure' | 'cancelled';
  /** By id; jobs of a called workflow under the id of the calling job: `deploy.preflight`. */
  jobs: Record<string, JobResult>;
  /** Name of the artifact to the folder that holds its files. */
  artifacts: Record<string, string>;
  /** Outputs of `workflow_call`, when the workflow was started as such. */
  outputs: Record<string, string>;
}
