import type { Backup } from '@slipway/backup';
import { type CommandResult, formatDuration } from '@slipway/kernel';
import type { ProjectionState } from '@slipway/migrations';
import type { RecordedDatabase, ReleaseRecord } from '@slipway/release';
import type { Result } from '@slipway/runner';
import type { CommandClass } from './command-class.ts';
import type { MigrateContext } from './migration.ts';
import { count } from './wording.ts';

type Command = readonly string[];

/** Before the program runs: what was found, and what is proven by then. */
export interface Started {
  /** Versions that are applied, oldest first. */
  before: readonly string[];
  projections: ProjectionState;
  /** null: none was asked for. */
  backup: Backup | null;
  kind: CommandClass;
}

/** After it: what it printed, and what is applied now. */
export interface Finished extends Started {
  command: CommandResult;
  /** null when nothing says which versions are applied. */
  listed: readonly string[] | null;
  /** By the clock of the step, when the program was started. */
  startedAt: number;
}

/** What would be run. Pure. */
export function describeDryRun(
  { inputs }: MigrateContext,
  command: Command,
  before: readonly string[],
): Result {
  const backup = inputs.backup === 'never' ? 'without' : 'after';
  const version = before.at(-1);
  return {
    outcome: 'skipped',
    summary: `Dry run: ${command.join(' ')} would be run, ${backup} a backup; the schema is at ${version ?? 'no version'}; nothing was changed.`,
    outputs: { 'schema-version': version ?? '', applied: '0', backup: '' },
  };
}

/** What was applied, or what went wrong. Pure but for the clock. */
export function describeCommand(
  { record: earlier, clock }: MigrateContext,
  finished: Finished,
  [program]: Command,
  problems: readonly string[],
): Result & { record: ReleaseRecord } {
  const after = finished.listed ?? [];
  const version = after.at(-1) ?? null;
  const record = recordOf(earlier, finished, after);
  const applied = record.database.applied;
  const outputs = {
    'schema-version': version ?? '',
    applied: String(applied.length),
    backup: finished.backup?.file ?? '',
  };
  if (problems.length > 0) {
    const summary = `${problems.join('; ')}.\nThe schema is at ${version ?? 'no version'}; nothing was rolled out.`;
    return { outcome: 'failed', summary, hint: 'Fix the cause and release again.', record, outputs };
  }
  const summary =
    applied.length === 0
      ? `The schema is at ${version ?? 'no version'}; ${program} had nothing to do.`
      : `The schema went from ${finished.before.at(-1) ?? 'nothing'} to ${version} by ${count(applied.length, 'migration')} of ${program} in ${formatDuration(clock.monotonic() - finished.startedAt)}.`;
  return { outcome: 'passed', summary, record, outputs };
}

/** The release record with these versions applied. Pure. */
export function recordOf(
  record: ReleaseRecord,
  { before, kind, backup }: Pick<Started, 'before' | 'backup' | 'kind'>,
  now: readonly string[],
) {
  const earlier = record.database;
  const applied = now.filter((one) => !before.includes(one));
  const database: RecordedDatabase = {
    before: earlier ? earlier.before : (before.at(-1) ?? null),
    after: now.at(-1) ?? null,
    applied: [...(earlier?.applied ?? []), ...applied],
    class: kind.of(now),
    contracts: kind.contracts(now),
    backup: earlier?.backup ?? backup,
  };
  return { ...record, database };
}
