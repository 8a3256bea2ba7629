export { type Backup, type BackupOptions, backUp, type ProvenBackup } from './backup/backup.ts';
export { parseKey } from './backup/cipher.ts';
export { type BackupManifest, decodeManifest } from './backup/manifest.ts';
export { type ProofOptions, withRestored } from './backup/proof.ts';
export type { BackupStore } from './backup/store.ts';
export { openStore, type StoreStep, type StoreTarget } from './backup/stores/open-store.ts';
export { type DatabaseProbe, probeDatabase } from './connection/probe.ts';
export {
  type ConnectedTo,
  connectFor,
  type MigrationSession,
  openSession,
  type SessionOptions,
} from './connection/session.ts';
export { assertWritable } from './connection/writable.ts';
export { detectFormat, formatOf, readMigrationFolder } from './formats/detect.ts';
export { readFolder } from './formats/folder.ts';
export {
  type FolderListing,
  type FolderReading,
  type FormatName,
  formatNames,
  type Ledger,
  type MigrationFormat,
} from './formats/format.ts';
export { type Migration, parseMigrations, readMigrations } from './formats/migration-files.ts';
export {
  createVersionTable,
  insertVersion,
  readVersionTable,
  type VersionTable,
} from './formats/version-table.ts';
export { type ApplyTarget, applyFile, type FileTransaction } from './run/apply.ts';
export {
  type AppliedMigration,
  type MigrationPlan,
  newestVersion,
  planMigrations,
  verifyVersions,
} from './run/plan.ts';
export { contentProblems, sqlText } from './sql/problems.ts';
