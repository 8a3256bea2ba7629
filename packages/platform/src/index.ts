export { openPlatform, type PlatformOptions, type PlatformPrograms } from './open.ts';
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
export { type Unproven, unprovenContracts } from './stamp.ts';
