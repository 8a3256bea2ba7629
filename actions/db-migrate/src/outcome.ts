import { type Backup, formatSize } from '@slipway/backup';
import { Cancelled, Fault, formatDuration } from '@slipway/kernel';
import { AppliedByAnotherRun, type AppliedMigration, newestVersion } from '@slipway/migrations';
import type { MigrationFile } from '@slipway/release';
import type { Result } from '@slipway/runner';
import type {
  ApplyResult,
  BackedUp,
  Connected,
  MigrateContext,
  Verified,
  VerifyResult,
} from './migration.ts';
import { appliedVersions, recordOf } from './record.ts';
import { readSchemaState, type SchemaState } from './schema-state.ts';
import { count } from './wording.ts';

type Recording = Pick<MigrateContext, 'record'>;
/** What the report of a run needs of its stages. */
type Reported = Pick<BackedUp, 'plan' | 'backup' | 'rehearsal' | 'checks'>;

/** Everything that should have run did, and the version was proven. Pure but for the clock. */
export function describeSuccess(
  context: Recording & Pick<MigrateContext, 'clock'>,
  verified: Verified,
): Result {
  const { plan, backup, rehearsal, schemas, hasWork, version, files } = verified;
  const ms = context.clock.monotonic() - verified.startedAt;
  const applied = appliedVersions(files);
  const saved = backup ? `, after ${describeBackup(backup)}` : '';
  const rehearsed = rehearsal ? `${saved ? ' and' : ', after'} a rehearsal` : '';
  const nothing = hasWork
    ? 'the schema files were run'
    : `nothing to do${schemas.length > 0 ? '; schema files run only before migrations' : ''}`;
  const summary =
    applied.length === 0
      ? `The schema is at ${version ?? 'no version'}, ${nothing}${saved}${rehearsed}.`
      : `The schema went from ${plan.current ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} in ${formatDuration(ms)}${saved}${rehearsed}.`;
  return { outcome: 'passed', summary, ...report(context, verified, files, version) };
}

/** A restore point or a snapshot is not a file of ours, and has no size that we know. */
function describeBackup({ file, bytes, sha256 }: Backup): string {
  return bytes === 0 ? file : `a backup of ${formatSize(bytes)} (sha256 ${sha256.slice(0, 12)})`;
}

/** Every file ran, but what was to be true afterwards is not. Pure. */
export function describeUnproven(
  context: Recording,
  { unproven, reason, files }: { unproven: Reported; reason: Fault; files: readonly MigrationFile[] },
): Result {
  const version = appliedVersions(files).at(-1) ?? unproven.plan.current;
  const hint = reason.hint === undefined ? {} : { hint: reason.hint };
  return {
    outcome: 'failed',
    summary: `${reason.message}.\nNothing was rolled out.`,
    ...hint,
    ...report(context, unproven, files, version),
  };
}

/**
 * A file failed, or the run was cancelled. Whether the last transaction was committed is asked from the database: a
 * connection that is lost while it commits says neither.
 */
export async function describeStopped(
  run: Connected,
  { stopped, reason, files }: Extract<ApplyResult | VerifyResult, { state: 'stopped' }>,
): Promise<Result> {
  const { folder, review } = stopped;
  // What the other run has applied, or runs now, is not ours.
  const others = reason instanceof AppliedByAnotherRun;
  const found = await readSchemaState(run, stopped, others);
  const corrected =
    found.known && !others ? correct(folder.migrations, files, found.state.rows ?? []) : files;
  const what = reason instanceof Cancelled ? `db-migrate was ${reason.message}` : reason.message;
  const version = found.known ? newestVersion(folder.migrations, found.state) : null;
  return {
    outcome: 'failed',
    summary: `${what}.\n${describeState(corrected, review, found, version)}; nothing was rolled out.`,
    hint: nextStep(corrected, review, reason),
    ...report(run.context, stopped, corrected, version),
  };
}

type Stepwise = Pick<BackedUp['review'], 'stepwise'>;

/** What to do about a run that stopped. Pure. */
export function nextStep(
  files: readonly MigrationFile[],
  { stepwise }: Stepwise,
  reason: Fault | Cancelled,
): string {
  if (reason instanceof Fault && reason.hint !== undefined) return reason.hint;
  const failed = files.find(({ state }) => state === 'failed');
  if (reason instanceof Cancelled || !failed) return 'Re-run this job: it continues where it stopped.';
  return stepwise.has(failed.file)
    ? 'Fix the cause and re-run this job: it continues where it stopped. You may edit the statements after those already applied.'
    : 'Fix the file and release again: the files before it stay applied and are not run again.';
}

function describeState(
  files: readonly MigrationFile[],
  { stepwise }: Stepwise,
  found: SchemaState,
  version: string | null,
): string {
  if (!found.known) {
    return 'The version table could not be read, so it is unknown whether this file was committed';
  }
  const failed = files.find(({ state }) => state === 'failed');
  // Of a file without a transaction the error itself says how far it came.
  const undone = failed && !stepwise.has(failed.file) ? `${failed.file} was rolled back; ` : '';
  return `${undone}${version === null ? 'no migration has been applied yet' : `the schema is at ${version}`}`;
}

/**
 * What the table says takes precedence over what we believed. A repeatable file has an older row until it has run again.
 * Pure.
 */
export function correct(
  migrations: BackedUp['folder']['migrations'],
  files: readonly MigrationFile[],
  rows: readonly AppliedMigration[],
): MigrationFile[] {
  const byVersion = new Map(migrations.map((file) => [file.version, file]));
  const found = rows.filter(({ version, state, checksum }) => {
    const file = byVersion.get(version);
    return state === 'applied' && (file?.kind !== 'repeatable' || file.checksum === checksum);
  });
  const applied = new Set(found.map(({ version }) => version));
  return files.map((file) =>
    file.version !== '' && applied.has(file.version) ? { ...file, state: 'applied' } : file,
  );
}

/** Record, evidence and outputs. Pure. */
function report(
  { record }: Recording,
  { plan, backup, rehearsal, checks }: Reported,
  files: readonly MigrationFile[],
  version: string | null,
) {
  const applied = appliedVersions(files);
  const rehearsed = files.map((file) => withRehearsal(rehearsal, file));
  const hasEvidence = files.length > 0 || checks.length > 0;
  return {
    record: recordOf(record, { plan, backup, applied }),
    ...(hasEvidence
      ? { evidence: { kind: 'migration' as const, files: rehearsed, checks: [...checks] } }
      : {}),
    outputs: {
      'schema-version': version ?? '',
      applied: String(applied.length),
      backup: backup?.file ?? '',
    },
  };
}

function withRehearsal(rehearsal: BackedUp['rehearsal'], file: MigrationFile): MigrationFile {
  const found = rehearsal?.files.find((one) => one.file === file.file);
  if (!found) return file;
  const locks = found.locks.map(({ relation, mode }) => `${relation}: ${mode}`);
  return { ...file, rehearsed: { ms: found.ms, locks } };
}
