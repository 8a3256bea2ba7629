import {
  type Backup,
  backUp,
  makeRestorePoint,
  openStore,
  type ProvenBackup,
  parseKey,
  runSnapshotCommand,
} from '@slipway/database';
import { UserError } from '@slipway/kernel';
import { type FindOptions, findPostgresProgram } from '@slipway/runner/programs';
import type { MigrateContext, MigrationRun } from './migration.ts';

/** What a backup is made of: an open session, and the schema version that goes into the manifest. */
export type BackupSource = Pick<MigrationRun, 'context' | 'database' | 'session'> & {
  plan: Pick<MigrationRun['plan'], 'current'>;
};

/** Makes and proves a backup as `database.backup` says. @throws UserError, Fault, Cancelled */
export async function makeBackup(run: BackupSource): Promise<Backup> {
  return (await makeProvenBackup(run)).backup;
}

/** A backup; of a dump that was restored for its proof also what the rehearsal on the copy returned. */
export type MadeBackup<T> = Pick<ProvenBackup<T>, 'backup' | 'rehearsal'>;

/**
 * The same, and lends the restored copy that proves it, when `database.backup.prove` is `restore`.
 * @throws UserError, Fault, Cancelled, and whatever `rehearse` throws: then no backup is kept, as nothing was changed.
 */
export async function makeProvenBackup<T = never>(
  run: BackupSource,
  rehearse?: (scratchUrl: string) => Promise<T>,
): Promise<MadeBackup<T>> {
  const { context, database, session } = run;
  const { backup: wanted } = database;
  hideSecrets(context, wanted);
  warnOfPassingFolder(context, wanted);
  const { clock, signal, record, exec, log } = context;
  const release = record.id;
  const made: MadeBackup<T> =
    wanted.mode === 'restore-point'
      ? {
          backup: await makeRestorePoint({
            client: session.worker,
            release,
            within: wanted['archive-timeout'],
            clock,
            signal,
          }),
        }
      : wanted.mode === 'snapshot-command'
        ? { backup: await runSnapshotCommand(wanted['snapshot-command'] ?? [], release, exec) }
        : await dump(run, rehearse);
  const { file, bytes, sha256 } = made.backup;
  log.info(bytes === 0 ? file : `backup ${file}: ${bytes} bytes, sha256 ${sha256}`);
  return made;
}

/** A folder on a machine that is thrown away after the job is no place for a backup. */
function warnOfPassingFolder(
  { env, log }: Pick<MigrateContext, 'env' | 'log'>,
  { to, command, mode }: MigrationRun['database']['backup'],
): void {
  const folder = command === undefined && mode === 'dump' && !to.includes('://');
  if (folder && env.RUNNER_ENVIRONMENT === 'github-hosted') {
    log.warn(
      `the backup in ${to} goes with this machine: set database.backup.to to a bucket, or upload it in a later step`,
    );
  }
}

/** With the programs of the server's own major version. */
async function dump<T>(
  run: BackupSource,
  rehearse?: (scratchUrl: string) => Promise<T>,
): Promise<ProvenBackup<T>> {
  const { context, database, session, plan } = run;
  const { backup: wanted } = database;
  const { exec, env, log, record, clock, signal } = context;
  const programs = await findClients(session.server.major, context);
  return backUp<T>(
    {
      url: session.url,
      connectedTo: session.connectedTo,
      server: session.server,
      programs,
      store: openStore(wanted, context),
      key: wanted.encrypt === undefined ? null : parseKey(wanted.encrypt),
      prove: wanted.prove,
      scratchUrl: wanted['scratch-url'],
      keep: wanted.keep,
      limit: wanted.limit,
      facts: {
        client: programs.version,
        schemaVersion: plan.current,
        release: record.id,
        commit: record.commit,
        run: context.run.url,
        at: clock.now(),
      },
      env,
      exec,
      clock,
      signal,
      log,
    },
    rehearse,
  );
}

/** Also when somebody wrote them into the configuration itself. */
export function hideSecrets(
  { redactor }: Pick<MigrateContext, 'redactor'>,
  backup: MigrationRun['database']['backup'],
): void {
  for (const secret of [backup.encrypt, backup['scratch-url']]) if (secret) redactor.add(secret);
}

/** @throws UserError when pg_dump or pg_restore is not there; pg_amcheck is only used where it is. */
export async function findClients(
  major: number,
  { config, exec, temp }: Pick<MigrateContext, 'config' | 'exec' | 'temp'>,
): Promise<{ pgDump: string; pgRestore: string; pgAmcheck: string | null; version: string }> {
  const options: FindOptions = { programs: config.programs, exec, temp };
  const pgDump = await findPostgresProgram('pg_dump', major, options);
  const pgRestore = await findPostgresProgram('pg_restore', major, options);
  const pgAmcheck = await findPostgresProgram('pg_amcheck', major, options).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  return {
    pgDump: pgDump.command[0],
    pgRestore: pgRestore.command[0],
    pgAmcheck: pgAmcheck?.command[0] ?? null,
    version: pgDump.version,
  };
}
