import { type ApplyTarget, applyFile, createVersionTable } from '@slipway/database';
import { Fault, formatDuration } from '@slipway/kernel';
import type { MigrationFile } from '@slipway/release';
import { type MigrationRun, recorded } from './migration.ts';
import type { SchemaFile } from './schema-files.ts';

/** A file that failed and was rolled back. */
export interface FailedFile {
  message: string;
  hint: string;
}

interface Work {
  file: string;
  sql: string;
  after: string;
  as: Pick<MigrationFile, 'version' | 'state'>;
}

/**
 * Runs the schema files, then every pending migration together with its row in the version table, one transaction
 * each. Stops at the first that fails. @throws Cancelled
 */
export async function runFiles(
  run: MigrationRun,
  schemas: readonly SchemaFile[],
): Promise<FailedFile | null> {
  const { context } = run;
  const release = context.record.id;
  const work: Work[] = [
    ...schemas.map(({ file, sql }) => ({
      file,
      sql,
      after: '',
      as: { version: '', state: 'schema' as const },
    })),
    { file: 'schema_migrations', sql: createVersionTable, after: '', as: { version: '', state: 'schema' } },
    ...run.plan.pending.map((migration) => ({
      file: migration.file,
      sql: migration.sql,
      after: insertVersion(migration.version, migration.sha256, release),
      as: { version: migration.version, state: 'applied' as const },
    })),
  ];
  for (const [index, one] of work.entries()) {
    const failed = await runFile(run, one);
    if (!failed) continue;
    const rest = work.slice(index + 1).filter(({ as }) => as.state === 'applied');
    run.done.push({ file: one.file, version: one.as.version, state: 'failed' });
    run.done.push(...rest.map(({ file, as }) => ({ file, version: as.version, state: 'pending' as const })));
    return failed;
  }
  return null;
}

/** Version, checksum and release are ours and hold no quote; escaped all the same. */
function insertVersion(version: string, sha256: string, release: string): string {
  const quoted = [version, sha256, release].map((text) => `'${text.replaceAll("'", "''")}'`);
  return `INSERT INTO schema_migrations (version, sha256, release) VALUES (${quoted.join(', ')});`;
}

async function runFile(run: MigrationRun, work: Work): Promise<FailedFile | null> {
  const { context } = run;
  try {
    const ms = await applyFile(targetOf(run), work);
    run.done.push({ file: work.file, ...work.as, ms });
    context.log.info(`${work.file} in ${formatDuration(ms)}`);
    context.keep({ ...context.record, database: recorded(run) });
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {
      message: `${error.message}.`,
      hint: 'Mend the file and release again; what was applied before it stays and is not run again.',
    };
  }
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
