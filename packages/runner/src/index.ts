export type { Action, ActionContext, LoadReport, Render, Result, Run } from './action.ts';
export { type ContextOf, defineAction } from './define-action.ts';
export { type CommonInputs, commonInputs, flag, inputSchema } from './inputs.ts';
export { runAction } from './run.ts';
