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
