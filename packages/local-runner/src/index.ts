export type { JobResult, JobRun, RunnerEvent, RunResult, StepConclusion, StepResult } from './events.ts';
export type { EnvironmentSettings, RunOptions } from './options.ts';
export { type RunHandle, runWorkflow } from './run.ts';
