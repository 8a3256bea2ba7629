export { type ApplyTarget, applyFile, type FileTransaction } from './run/apply.ts';
export { type Backup, type BackupOptions, backUp } from './backup/backup.ts';
export { type Migration, parseMigrations, readMigrations } from './formats/migration-files.ts';
export {
  type AppliedMigration,
  type MigrationPlan,
  newestVersion,
  planMigrations,
  verifyVersions,
} from './run/plan.ts';
export { type DatabaseProbe, probeDatabase } from './connection/probe.ts';
export {
  type ConnectedTo,
  connectFor,
  type MigrationSession,
  openSession,
  type SessionOptions,
} from './connection/session.ts';
export { contentProblems, sqlText } from './sql/problems.ts';
export { createVersionTable, insertVersion, readVersionTable, type VersionTable } from './formats/version-table.ts';
export { assertWritable } from './connection/writable.ts';
