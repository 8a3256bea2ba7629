export type { ActionContext, Result } from './action.ts';
export { commitOf, git } from './checkout.ts';
export { type ContextOf, defineAction } from './define-action.ts';
export { flag } from './inputs.ts';
export { runAction } from './run.ts';
export { judgeVersionCommit, short } from './version-commit.ts';
