export type {
  Annotation,
  JobResult,
  Level,
  Result,
  RunnerEvent,
  RunResult,
  StepResult,
} from './events.ts';
export { type LintOptions, lintWorkflow, type Problem } from './lint/lint-workflow.ts';
export type { ApprovalRequest, EnvironmentSettings, RunHandle, RunOptions, Timing } from './options.ts';
export { runWorkflow } from './run/run.ts';
