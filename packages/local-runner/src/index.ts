export type {
  RunnerEvent,
  RunResult,
} from './events.ts';
export { lintWorkflow } from './lint/lint-workflow.ts';
export type { RunHandle, RunOptions } from './options.ts';
export { Masks } from './process/masks.ts';
export { runWorkflow } from './run/run.ts';
