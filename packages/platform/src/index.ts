export { reportedImage } from './image.ts';
export type { PlatformOptions, PlatformPrograms } from './options.ts';
export type {
  DesiredService,
  ObservedReplica,
  PlannedService,
  Platform,
  Prove,
  Purpose,
  RollOptions,
  RolloutFailure,
  RolloutResult,
  RolloutSuccess,
  RunningReplica,
  RunningService,
  Stamp,
  StampedService,
} from './platform.ts';
export {
  encodeService,
  encodeServices,
  encodeStamp,
  type NamedStamp,
  prunable,
  type StampScope,
  sortStamps,
  stampName,
  stampSchema,
  unprovenContracts,
} from './stamp.ts';
