export type {
  ChecklistItem,
  Evidence,
  MigrationFile,
  Phase,
  RolledService,
  SmokeCheck,
  WatchedMetric,
} from './evidence.ts';
export {
  appendPhase,
  beginRelease,
  decodeRecord,
  encodeRecord,
  mergeRecords,
  type RecordedDatabase,
  type ReleaseRecord,
} from './record.ts';
