export { type ApplyTarget, applyFile, type FileTransaction } from './apply.ts';
export { type Backup, type BackupOptions, backUp } from './backup.ts';
export { type Migration, parseMigrations, readMigrations } from './migration-files.ts';
export {
  type AppliedMigration,
  type MigrationPlan,
  newestVersion,
  planMigrations,
  verifyVersions,
} from './plan.ts';
export { type DatabaseProbe, probeDatabase } from './probe.ts';
export {
  type ConnectedTo,
  connectFor,
  type MigrationSession,
  openSession,
  type SessionOptions,
} from './session.ts';
export { contentProblems, sqlText } from './sql-problems.ts';
export { createVersionTable, insertVersion, readVersionTable, type VersionTable } from './version-table.ts';
export { assertWritable } from './writable.ts';
