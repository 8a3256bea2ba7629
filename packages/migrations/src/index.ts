export { findReversal, type Reversal, readReversal } from './down/reversal.ts';
export { revertMigrations, saveRevertedSchema } from './down/revert.ts';
export {
  type DownToSave,
  downsTableFor,
  downsToSave,
  readSavedDowns,
  saveDowns,
} from './down/saved-downs.ts';
export { formatNames, readMigrationFolder } from './formats/detect.ts';
export { readFolder } from './formats/folder.ts';
export type {
  AppliedMigration,
  FolderListing,
  FormatName,
  Migration,
  MigrationFolder,
} from './formats/format.ts';
export { openVersionTable } from './formats/open-version-table.ts';
export type { DownRehearsal } from './rehearsal/down-rehearsal.ts';
export type { RehearsalPlan } from './rehearsal/options.ts';
export { type Rehearsal, rehearse } from './rehearsal/rehearse.ts';
export { dumpSchema } from './rehearsal/schema-dump.ts';
export { fillShadow } from './rehearsal/shadow.ts';
export { sharedChange } from './rehearsal/shared-change.ts';
export { AppliedByAnotherRun } from './run/applied-by-another-run.ts';
export type { ApplyTarget } from './run/apply-target.ts';
export { batchWork, runBatch, textOfBatch } from './run/batch.ts';
export { readContractMigrations } from './run/contract-migrations.ts';
export { verifyVersions } from './run/contradictions.ts';
export {
  addExternallyApplied,
  type ExternallyApplied,
  readExternallyApplied,
} from './run/externally-applied.ts';
export { numberingGaps } from './run/gaps.ts';
export { type JournalRow, readDurations } from './run/journal.ts';
export { settleContractMigrations } from './run/journal-writing.ts';
export {
  type MigrationState,
  type MigrationTables,
  readMigrationTables,
  stateOf,
} from './run/migration-state.ts';
export {
  contractMigrationId,
  type MigrationPlan,
  newestVersion,
  planMigrations,
} from './run/plan.ts';
export { explainStatement } from './run/statement-error.ts';
export { findVersionQuery, listVersions } from './run/tool-versions.ts';
export { transactionText } from './run/transaction-text.ts';
export { buildWork, type RehearsalFile, type SchemaFile, type Work } from './run/work.ts';
export { assertWritable } from './run/writable.ts';
export { readAssertionFiles } from './verify/assertion-files.ts';
export { type AssertionFile, runAssertions } from './verify/assertions.ts';
export { appliedOf, type Drift, fingerprintOf, judgeDrift } from './verify/drift.ts';
export { judgeProjections, type ProjectionState, readProjections } from './verify/projections.ts';
export { readCatalog } from './verify/read-catalog.ts';
export { readSchemaBaseline, saveSchemaBaseline, schemaTableFor } from './verify/schema-baseline.ts';
export { judgeStaging } from './verify/staging.ts';
