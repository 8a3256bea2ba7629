export { decodeRecord, encodeRecord } from './encoded-record.ts';
export type {
  ChecklistItem,
  Evidence,
  MigrationFile,
  Phase,
  RolledService,
  SmokeCheck,
  WatchedMetric,
} from './evidence.ts';
export { redactFreeText } from './free-text.ts';
export {
  appendPhase,
  beginRelease,
  mergeRecords,
  type RecordedDatabase,
  type ReleaseRecord,
} from './record.ts';
export { claimReleases } from './state/attempt.ts';
export type { Decision, ReleaseEvent } from './state/events.ts';
export { wholeReleases } from './state/history.ts';
export {
  encodeLease,
  freeLease,
  type Lease,
  type LeaseClaim,
  type LeaseDecision,
  type LeaseHolder,
  leaseDurationMs,
  leaseRenewalMs,
  parseLease,
  renewLease,
  retainLease,
  silentAfterMs,
  takeLease,
} from './state/lease.ts';
export { applyEvent, previousServices } from './state/protocol.ts';
export {
  encodeService,
  encodeServices,
  type ReleasedService,
  type ReleaseEntry,
  type ReleasePhase,
  releaseName,
} from './state/release-entry.ts';
export {
  chooseNextRollback,
  chooseRollback,
  comesBack,
  describeDestination,
  type RestoreTarget,
  type RollbackTarget,
  releasesInvolved,
  releasesLeft,
  restoreProven,
} from './state/rollback-target.ts';
export { unprovenContractMigrations } from './state/schema-compatibility.ts';
export { hasPassed, smokeProofOf } from './state/smoke-proof.ts';
export {
  changingRelease,
  emptyState,
  encodeState,
  parseState,
  provenRelease,
  releasesWithMigrations,
  type TargetState,
  unfinishedRelease,
} from './state/target-state.ts';
export { isOlderVersion } from './state/version-order.ts';
