import { type Backup, formatSize } from '@slipway/backup';
import { Cancelled, Fault, formatDuration } from '@slipway/kernel';
import { AppliedByAnotherRun, type AppliedMigration, newestVersion } from '@slipway/migrations';
import type { MigrationFile } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { appliedNow, hasWork, type MigrationRun, recordNow } from './migration.ts';
import { askState, type SchemaState } from './verify.ts';
import { count } from './wording.ts';

/** Everything that should have run did, and the version was proven. */
export function describeSuccess(run: MigrationRun, version: string | null, ms: number): Result {
  const { plan, backup, rehearsal } = run;
  const applied = appliedNow(run);
  const kept = backup ? `, after ${describeBackup(backup)}` : '';
  const tried = rehearsal ? `${kept ? ' and' : ', after'} a rehearsal` : '';
  const nothing = hasWork(run)
    ? `the schema files were run`
    : `nothing to do${run.schemas.length > 0 ? '; schema files run only before migrations' : ''}`;
  const summary =
    applied.length === 0
      ? `The schema is at ${version ?? 'no version'}, ${nothing}${kept}${tried}.`
      : `The schema went from ${plan.current ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} in ${formatDuration(ms)}${kept}${tried}.`;
  return { outcome: 'passed', summary, ...tellings(run, version) };
}

/** A restore point or a snapshot is no file of ours, and has no size that we know. */
function describeBackup({ file, bytes, sha256 }: Backup): string {
  return bytes === 0 ? file : `a backup of ${formatSize(bytes)} (sha256 ${sha256.slice(0, 12)})`;
}

/** Every file ran, but what was to be true afterwards is not. */
export function describeUnproven(run: MigrationRun, error: Fault): Result {
  const version = appliedNow(run).at(-1) ?? run.plan.current;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return {
    outcome: 'failed',
    summary: `${error.message}.\nNothing was rolled out.`,
    ...hint,
    ...tellings(run, version),
  };
}

/**
 * A file failed, or the run was cancelled. Whether the last transaction came through is asked from the database: a
 * connection that is lost while it commits says neither.
 */
export async function describeFailure(run: MigrationRun, error: Fault | Cancelled): Promise<Result> {
  // What the other run has applied, or runs now, is not ours.
  const others = error instanceof AppliedByAnotherRun;
  const state = await askState(run, others);
  if (state.known && !others) correct(run, state.standing.rows ?? []);
  const what = error instanceof Cancelled ? `db-migrate was ${error.message}` : error.message;
  const version = state.known ? newestVersion(run.folder.migrations, state.standing) : null;
  const summary = `${what}.\n${standing(run, state, version)}; nothing was rolled out.`;
  const hint = nextStep(run, error);
  return { outcome: 'failed', summary, hint, ...tellings(run, version) };
}

function nextStep({ done, review }: MigrationRun, error: Fault | Cancelled): string {
  if (error instanceof Fault && error.hint !== undefined) return error.hint;
  const failed = done.find((file) => file.state === 'failed');
  if (error instanceof Cancelled || !failed) return 'Run it again: it goes on where it stopped.';
  return review.stepwise.has(failed.file)
    ? 'Mend the cause and run it again: it goes on where it stopped. The file may be changed behind the statements that are done.'
    : 'Mend the file and release again: what was applied before it stays, and is not run again.';
}

function standing({ done, review }: MigrationRun, state: SchemaState, version: string | null): string {
  if (!state.known)
    return 'The version table cannot be asked now, so whether this file came through is unknown';
  const failed = done.find((file) => file.state === 'failed');
  // Of a file without a transaction the error itself says how far it came.
  const undone = failed && !review.stepwise.has(failed.file) ? `${failed.file} was rolled back; ` : '';
  return `${undone}${version === null ? 'no migration has been applied yet' : `the schema is at ${version}`}`;
}

/** What the table says goes before what we believed. A repeatable file has an older row until it has run again. */
function correct(run: MigrationRun, rows: readonly AppliedMigration[]): void {
  const files = new Map(run.folder.migrations.map((file) => [file.version, file]));
  const there = rows.filter(({ version, state, checksum }) => {
    const file = files.get(version);
    return state === 'applied' && (file?.kind !== 'repeatable' || file.checksum === checksum);
  });
  const applied = new Set(there.map(({ version }) => version));
  run.done = run.done.map((file) =>
    file.version !== '' && applied.has(file.version) ? { ...file, state: 'applied' } : file,
  );
}

function tellings(run: MigrationRun, version: string | null) {
  const files = run.done.map((file) => withRehearsal(run, file));
  const seen = files.length > 0 || run.checks.length > 0;
  return {
    record: recordNow(run),
    ...(seen ? { evidence: { kind: 'migration' as const, files, checks: run.checks } } : {}),
    outputs: {
      'schema-version': version ?? '',
      applied: String(appliedNow(run).length),
      backup: run.backup?.file ?? '',
    },
  };
}

function withRehearsal({ rehearsal }: MigrationRun, file: MigrationFile): MigrationFile {
  const found = rehearsal?.files.find((one) => one.file === file.file);
  if (!found) return file;
  const locks = found.locks.map(({ relation, mode }) => `${relation}: ${mode}`);
  return { ...file, rehearsed: { ms: found.ms, locks } };
}
