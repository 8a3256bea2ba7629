export { beginOnTarget } from './begin-release.ts';
export { callOffRestore } from './call-off.ts';
export { checkImages } from './check-images.ts';
export type { TargetContext } from './context.ts';
export { forgetOldReleases } from './forget-releases.ts';
export { holdLease } from './hold-lease.ts';
export { findNotServing, notServing } from './not-serving.ts';
export { reachTarget } from './reach-target.ts';
export { readLease } from './read-lease.ts';
export {
  describeRehearsed,
  findRestoreProblem,
  type Rehearsal,
  rehearsalProblem,
  rehearseRestore,
} from './rehearse-restore.ts';
export { requireOwnTarget } from './require-own-target.ts';
export { requireServing } from './require-serving.ts';
export { restoreServices } from './restore-services.ts';
export { TargetLocked, TargetOvertaken, TargetUnreachable } from './target-errors.ts';
export { readState } from './transaction.ts';
export { type OpenTarget, withTransaction, workflowRun } from './with-transaction.ts';
