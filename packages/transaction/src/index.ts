export { beginOnTarget } from './begin-release.ts';
export { forgetOldReleases } from './forget-releases.ts';
export { holdLease, isProvenAlready } from './hold-lease.ts';
export { readLease } from './read-lease.ts';
export { restoreServices } from './restore-services.ts';
export { readState } from './transaction.ts';
export { type OpenTarget, withTransaction, workflowRun } from './with-transaction.ts';
