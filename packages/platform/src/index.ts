export type { PlatformOptions, PlatformPrograms } from './options.ts';
export type {
  DesiredService,
  PlannedService,
  Platform,
  Prove,
  RolledOut,
  RolloutFailure,
  RunningReplica,
  RunningService,
  Stamp,
  StampedService,
} from './platform.ts';
export {
  type NamedStamp,
  prunable,
  type StampScope,
  sortStamps,
  stampName,
  stampSchema,
  unprovenContracts,
} from './stamp.ts';
