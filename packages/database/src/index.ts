export { backUp, type UseOfCopy } from './backup/backup.ts';
export { parseKey } from './backup/cipher.ts';
export { formatSize } from './backup/estimate.ts';
export { type BackupManifest, decodeManifest } from './backup/manifest.ts';
export type { Backup, BackupOptions } from './backup/options.ts';
export { makeRestorePoint } from './backup/restore-point.ts';
export { runSnapshotCommand } from './backup/snapshot-command.ts';
export type { BackupStore } from './backup/store.ts';
export { openStore, type StoreStep, type StoreTarget } from './backup/stores/open-store.ts';
export { asDatabaseError } from './connection/lost.ts';
export { type DatabaseProbe, probeDatabase } from './connection/probe.ts';
export { schemaOf } from './connection/quoting.ts';
export { connectFor } from './connection/run-connections.ts';
export { isWorking } from './connection/run-lock.ts';
export {
  type ConnectedTo,
  type MigrationSession,
  openSession,
} from './connection/session.ts';
export { assertWritable } from './connection/writable.ts';
export { detectFormat, formatNames, formatOf, readMigrationFolder } from './formats/detect.ts';
export { readFolder } from './formats/folder.ts';
export type {
  AppliedMigration,
  FolderListing,
  FolderReading,
  FormatName,
  Ledger,
  Migration,
  MigrationFolder,
  MigrationFormat,
} from './formats/format.ts';
export { ruleNames } from './lint/catalogue.ts';
export type { CatalogFacts, ColumnFacts, RelationFacts } from './lint/facts.ts';
export type { Finding, Level } from './lint/finding.ts';
export { type IdempotenceProblem, idempotenceProblems } from './lint/idempotence.ts';
export {
  type LintOptions,
  type LintResult,
  lintScripts,
} from './lint/lint.ts';
export { describeLock, type RelationLock } from './lint/lock-mode.ts';
export { locksOf } from './lint/locks.ts';
export { readCatalog } from './lint/read-catalog.ts';
export { runsAlone } from './lint/runs-alone.ts';
export {
  type ModeProblem,
  ownTransactions,
  type TransactionMode,
  transactionMode,
} from './lint/transaction-mode.ts';
export { type Rehearsal, type RehearsalPlan, type RehearsedFile, rehearse } from './rehearsal/rehearse.ts';
export { dumpSchema } from './rehearsal/schema-dump.ts';
export { fillShadow } from './rehearsal/shadow.ts';
export { sharedChange } from './rehearsal/shared-change.ts';
export type { WayBack } from './rehearsal/way-back.ts';
export { describeLoss, type LossReport } from './restore/loss.ts';
export { previewRestore, type RestorePreview } from './restore/preview.ts';
export { type Restored, type RestoreOptions, restoreDatabase } from './restore/restore.ts';
export { AppliedMeanwhile } from './run/applied-meanwhile.ts';
export type { ApplyTarget } from './run/apply.ts';
export { batchWork, runBatch, runWork, textOfBatch } from './run/batch.ts';
export { type ContractsQuestion, readContracts } from './run/contracts.ts';
export { verifyVersions } from './run/contradictions.ts';
export { numberingGaps } from './run/gaps.ts';
export { type Journal, type JournalRow, readDurations, readJournal } from './run/journal.ts';
export { settleContracts } from './run/journal-writing.ts';
export { type NotedVersions, noteVersions, readNotedVersions } from './run/noted-versions.ts';
export {
  contractOf,
  type MigrationPlan,
  newestVersion,
  type PlanOptions,
  planMigrations,
  type Resume,
  type Standing,
} from './run/plan.ts';
export { type DatabaseStanding, readStanding, standingOf } from './run/standing.ts';
export { findVersionQuery, listVersions, type VersionQuery } from './run/tool-versions.ts';
export { transactionText } from './run/transaction-text.ts';
export {
  type BareFile,
  bareWork,
  buildWork,
  type SchemaFile,
  type Work,
  type WorkOptions,
} from './run/work.ts';
export { type Grammar, loadGrammar } from './sql/grammar.ts';
export { contentProblems, scriptProblems, sqlProblems, sqlText } from './sql/problems.ts';
export { readScript, type Script } from './sql/script.ts';
export { explainStatement, type SentFile } from './sql/statement-error.ts';
export { unwrapTransaction } from './sql/unwrap.ts';
export { readAssertionFiles } from './verify/assertion-files.ts';
export { type AssertionFile, runAssertions } from './verify/assertions.ts';
export {
  appliedOf,
  type Drift,
  type FoundSchema,
  fingerprintOf,
  judgeDrift,
  type KeptSchema,
  keepSchema,
  readKeptSchema,
  schemaTableBeside,
} from './verify/drift.ts';
export { judgeProjections, type ProjectionState, readProjections } from './verify/projections.ts';
export { diffSchemas, readSchemaSnapshot, type SchemaSnapshot } from './verify/schema-snapshot.ts';
export { judgeStaging } from './verify/staging.ts';
