import { newestVersion } from '@slipway/database';
import { Cancelled, type Fault, formatDuration } from '@slipway/kernel';
import type { Result } from '@slipway/runner';
import { appliedNow, hasWork, type MigrationRun, recordNow, wantsBackup } from './migration.ts';
import { askState, type SchemaState } from './verify.ts';

/** What would be done. Nothing was changed to find out. */
export function describePlan(run: MigrationRun): Result {
  const { context, plan, schemas } = run;
  const backup = wantsBackup(run) ? 'after a backup' : 'without a backup';
  const outputs = { 'schema-version': plan.current ?? '', applied: '0', backup: '' };
  if (!hasWork(run)) {
    const also = wantsBackup(run) ? ' A backup would be made.' : '';
    const summary = `Dry run: the schema is at ${plan.current}, nothing is pending.${also}`;
    return { outcome: 'skipped', summary, outputs };
  }
  for (const { file } of schemas) context.log.info(`schema file ${file}`);
  for (const { file, class: kind } of plan.pending) context.log.info(`migration ${file} (${kind})`);
  const names = plan.pending.map(({ file, class: kind }) => `${file} (${kind})`).join(', ');
  const summary = `Dry run: ${count(schemas.length, 'schema file')} and ${count(plan.pending.length, 'migration')} would be run ${backup}${names && `: ${names}`}; nothing was changed.`;
  return { outcome: 'skipped', summary, outputs };
}

/** Everything that should have run did, and the version was proven. */
export function describeSuccess(run: MigrationRun, version: string | null, ms: number): Result {
  const { plan, backup } = run;
  const applied = appliedNow(run);
  const kept = backup
    ? `, after a backup of ${formatBytes(backup.bytes)} (sha256 ${backup.sha256.slice(0, 12)})`
    : '';
  const nothing = hasWork(run)
    ? `the schema files were run`
    : `nothing to do${run.schemas.length > 0 ? '; schema files run only before migrations' : ''}`;
  const summary =
    applied.length === 0
      ? `The schema is at ${version ?? 'no version'}, ${nothing}${kept}.`
      : `The schema went from ${plan.current ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} in ${formatDuration(ms)}${kept}.`;
  return { outcome: 'passed', summary, ...tellings(run, version) };
}

/**
 * A file failed, or the run was cancelled. Whether the last transaction came through is asked from the database: a
 * connection that is lost while it commits says neither.
 */
export async function describeFailure(run: MigrationRun, error: Fault | Cancelled): Promise<Result> {
  const state = await askState(run);
  if (state.known) correct(run, state.rows ?? []);
  const what = error instanceof Cancelled ? `db-migrate was ${error.message}` : error.message;
  const version = state.known ? newestVersion(state.rows ?? []) : null;
  const summary = `${what}.\n${standing(run, state)}; nothing was rolled out.`;
  const hint =
    error instanceof Cancelled || !run.done.some((file) => file.state === 'failed')
      ? 'Run it again: it goes on where it stopped.'
      : 'Mend the file and release again: what was applied before it stays, and is not run again.';
  return { outcome: 'failed', summary, hint, ...tellings(run, version) };
}

function standing({ done }: MigrationRun, state: SchemaState): string {
  if (!state.known)
    return 'The version table cannot be asked now, so whether this file came through is unknown';
  const failed = done.find((file) => file.state === 'failed');
  const undone = failed ? `${failed.file} was rolled back; ` : '';
  const version = newestVersion(state.rows ?? []);
  return `${undone}${version === null ? 'no migration has been applied yet' : `the schema is at ${version}`}`;
}

/** What the table says goes before what we believed. */
function correct(run: MigrationRun, rows: readonly { version: string }[]): void {
  const there = new Set(rows.map(({ version }) => version));
  run.done = run.done.map((file) =>
    file.version !== '' && there.has(file.version) ? { ...file, state: 'applied' } : file,
  );
}

function tellings(run: MigrationRun, version: string | null) {
  return {
    record: recordNow(run),
    ...(run.done.length > 0 ? { evidence: { kind: 'migration' as const, files: run.done } } : {}),
    outputs: {
      'schema-version': version ?? '',
      applied: String(appliedNow(run).length),
      backup: run.backup?.file ?? '',
    },
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
