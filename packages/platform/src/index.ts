export { reportedImage } from './image.ts';
export { definePlatform, type FindPrograms, type NamedFile, type PlatformManifest } from './manifest.ts';
export {
  type Neighbour,
  type NeighbourRelease,
  ownerOf,
  type StateOwner,
} from './neighbour.ts';
export type { OpenOptions, PlatformOptions, ProgramCommand } from './options.ts';
export { packText, unpackText } from './packed-text.ts';
export type {
  DesiredService,
  LeftService,
  NewerReleases,
  ObservedReplica,
  PlannedService,
  Platform,
  Prove,
  Purpose,
  ReleasedService,
  RemovedService,
  RestoreSource,
  RollOptions,
  RolloutFailure,
  RolloutResult,
  RunningReplica,
  RunningService,
  SavedRelease,
} from './platform.ts';
export type { Register, RegisterValue, StateStore } from './state-store.ts';
export { documentKey, storeName } from './store-name.ts';
