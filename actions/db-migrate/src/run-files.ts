import { type ApplyTarget, applyFile, createVersionTable, insertVersion } from '@slipway/database';
import { Fault, formatDuration } from '@slipway/kernel';
import type { MigrationFile } from '@slipway/release';
import { type MigrationRun, recordNow } from './migration.ts';

interface Work {
  file: string;
  sql: string;
  after: string;
  /** How it is reported; null for the version table, which is nobody's file. */
  as: Pick<MigrationFile, 'version' | 'state'> | null;
}

/**
 * Runs the schema files, then every pending migration together with its row in the version table, one transaction
 * each. The version table comes after the schema files: where it stands, they have run.
 * @returns what the first file that failed died of, or null. @throws Cancelled
 */
export async function runFiles(run: MigrationRun): Promise<Fault | null> {
  const { context, session } = run;
  const work = workOf(run);
  for (const [index, one] of work.entries()) {
    try {
      await session.assertLocked();
      const ms = await applyFile(targetOf(run), one);
      if (one.as) run.done.push({ file: one.file, ...one.as, ms });
      if (one.as) context.log.info(`${one.file} in ${formatDuration(ms)}`);
      context.keep(recordNow(run));
    } catch (error) {
      run.done.push(...leftOver(work.slice(index), error instanceof Fault ? 'failed' : 'pending'));
      if (error instanceof Fault) return error;
      throw error;
    }
  }
  return null;
}

function workOf({ schemas, table, plan, context }: MigrationRun): Work[] {
  const release = context.record.id;
  return [
    ...schemas.map(({ file, sql }) => ({
      file,
      sql,
      after: '',
      as: { version: '', state: 'schema' as const },
    })),
    { file: table.name, sql: createVersionTable(table.name), after: '', as: null },
    ...plan.pending.map(({ file, sql, version, sha256 }) => ({
      file,
      sql,
      after: insertVersion(table.name, { version, sha256, release }),
      as: { version, state: 'applied' as const },
    })),
  ];
}

/** How the file that ended the run, and those that were never begun, are reported. */
function leftOver(work: readonly Work[], first: 'failed' | 'pending'): MigrationFile[] {
  return work.flatMap(({ file, as }, index) => {
    if (!as || (index > 0 && as.state === 'schema')) return [];
    return [{ file, version: as.version, state: index === 0 ? first : ('pending' as const) }];
  });
}

function targetOf({ context, database, session }: MigrationRun): ApplyTarget {
  const { clock, signal, log } = context;
  const { worker, observer } = session;
  return {
    worker,
    observer,
    clock,
    signal,
    log,
    lockTimeout: database['lock-timeout'],
    statementTimeout: database['statement-timeout'],
  };
}
