export { detectFormat, formatNames, formatOf, readMigrationFolder } from './formats/detect.ts';
export { readFolder } from './formats/folder.ts';
export type {
  AppliedMigration,
  FolderListing,
  FormatName,
  Ledger,
  Migration,
  MigrationFolder,
} from './formats/format.ts';
export { type Rehearsal, type RehearsalPlan, rehearse } from './rehearsal/rehearse.ts';
export { dumpSchema } from './rehearsal/schema-dump.ts';
export { fillShadow } from './rehearsal/shadow.ts';
export { sharedChange } from './rehearsal/shared-change.ts';
export { AppliedMeanwhile } from './run/applied-meanwhile.ts';
export type { ApplyTarget } from './run/apply.ts';
export { batchWork, runBatch, textOfBatch } from './run/batch.ts';
export { readContracts } from './run/contracts.ts';
export { verifyVersions } from './run/contradictions.ts';
export { numberingGaps } from './run/gaps.ts';
export { type Journal, type JournalRow, readDurations } from './run/journal.ts';
export { settleContracts } from './run/journal-writing.ts';
export { type NotedVersions, noteVersions, readNotedVersions } from './run/noted-versions.ts';
export { contractOf, type MigrationPlan, newestVersion, planMigrations, type Standing } from './run/plan.ts';
export { type DatabaseStanding, readStanding, standingOf } from './run/standing.ts';
export { explainStatement } from './run/statement-error.ts';
export { findVersionQuery, listVersions } from './run/tool-versions.ts';
export { transactionText } from './run/transaction-text.ts';
export { type BareFile, buildWork, type SchemaFile, type Work } from './run/work.ts';
export { assertWritable } from './run/writable.ts';
export { readAssertionFiles } from './verify/assertion-files.ts';
export { type AssertionFile, runAssertions } from './verify/assertions.ts';
export {
  appliedOf,
  type Drift,
  fingerprintOf,
  judgeDrift,
  keepSchema,
  readKeptSchema,
  schemaTableBeside,
} from './verify/drift.ts';
export { judgeProjections, type ProjectionState, readProjections } from './verify/projections.ts';
export { readCatalog } from './verify/read-catalog.ts';
export { judgeStaging } from './verify/staging.ts';
