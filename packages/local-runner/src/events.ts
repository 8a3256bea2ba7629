export type StepConclusion = 'success' | 'failure' | 'cancelled' | 'skipped';
export type JobResult = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What happens during a run, in order. Texts are masked. Times are milliseconds since the epoch. */
export type RunnerEvent =
  | { type: 'job-started'; job: string; name: string; at: number }
  | { type: 'job-ended'; job: string; result: JobResult; at: number }
  | { type: 'step-started'; job: string; step: string; name: string; at: number }
  | {
      type: 'step-ended';
      job: string;
      step: string;
      name: string;
      conclusion: StepConclusion;
      outputs: Record<string, string>;
      at: number;
    }
  | {
      type: 'log';
      job: string;
      step: string;
      line: string;
      group: string | null;
      level: 'info' | 'debug' | 'group';
    }
  | {
      type: 'annotation';
      job: string;
      step: string;
      level: 'error' | 'warning' | 'notice';
      title: string;
      message: string;
    }
  | { type: 'summary'; job: string; step: string; markdown: string }
  | { type: 'approval-waiting'; job: string; environment: string }
  | { type: 'approval-given'; job: string; environment: string; answer: 'approved' | 'rejected' }
  | { type: 'output-dropped'; job: string; output: string }
  | { type: 'cancelled'; at: number };

export interface StepResult {
  id: string;
  name: string;
  /** Before `continue-on-error`. */
  outcome: StepConclusion;
  conclusion: StepConclusion;
  outputs: Record<string, string>;
  startedAt: number;
  endedAt: number;
}

export interface JobRun {
  result: JobResult;
  outputs: Record<string, string>;
  steps: StepResult[];
  startedAt: number;
  endedAt: number;
}

export interface RunResult {
  conclusion: 'success' | 'failure' | 'cancelled';
  /** Nested jobs under the id of the calling job: `deploy.preflight`. */
  jobs: Record<string, JobRun>;
  /** Name to the folder that holds the files. */
  artifacts: Record<string, string>;
}
