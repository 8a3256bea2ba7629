export { type ApplyTarget, applyFile, type FileTransaction } from './apply.ts';
export { type Backup, type BackupOptions, backUp } from './backup.ts';
export { contentProblems, type Migration, readMigrations } from './migration-files.ts';
export { type AppliedMigration, type MigrationPlan, planMigrations, verifyVersions } from './plan.ts';
export { type DatabaseProbe, probeDatabase } from './probe.ts';
export { type MigrationSession, openSession } from './session.ts';
export { createVersionTable, readVersions } from './version-table.ts';
