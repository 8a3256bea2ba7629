export type { ActionContext, Result } from './action.ts';
export { type ContextOf, defineAction } from './define-action.ts';
export { flag } from './inputs.ts';
export { runAction } from './run.ts';
