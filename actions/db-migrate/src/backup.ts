import {
  type Backup,
  backUp,
  makeRestorePoint,
  openStore,
  type RehearseOnCopy,
  readKeys,
  runSnapshotCommand,
} from '@slipway/backup';
import { DatabaseUrl, UserError } from '@slipway/kernel';
import { type FindOptions, findPostgresProgram } from '@slipway/runner/programs';
import type { Connected, MigrateContext } from './migration.ts';

/** What a backup is made of: an open session, and the schema version that goes into the manifest. */
export interface BackupSource extends Connected {
  plan: { current: string | null };
}

/**
 * Makes and proves a backup as `database.backup` says.
 * @param use Gets the restored copy that proves it, when `database.backup.prove` is `restore`.
 * @throws UserError, Fault, Cancelled, and whatever `use` throws: the backup is proven by then, and stays.
 */
export async function makeBackup(run: BackupSource, use?: RehearseOnCopy): Promise<Backup> {
  const { context, database, session } = run;
  const { backup: wanted } = database;
  hideSecrets(context, wanted);
  warnOfTemporaryFolder(context, wanted);
  const { clock, signal, record, exec, log } = context;
  const release = record.id;
  const made =
    wanted.mode === 'restore-point'
      ? await makeRestorePoint({
          client: await session.worker(),
          release,
          timeoutMs: wanted['archive-timeout'],
          clock,
          signal,
        })
      : wanted.mode === 'snapshot-command'
        ? await runSnapshotCommand(wanted['snapshot-command'] ?? [], release, exec)
        : await dump(run, use);
  log.info(made.bytes === 0 ? made.file : `backup ${made.file}: ${made.bytes} bytes, sha256 ${made.sha256}`);
  return made;
}

/** A folder on a machine that is thrown away after the job loses the backup. */
function warnOfTemporaryFolder(
  { env, log }: Pick<MigrateContext, 'env' | 'log'>,
  { to, command, mode }: Connected['database']['backup'],
): void {
  const folder = command === undefined && mode === 'dump' && !to.includes('://');
  if (folder && env.RUNNER_ENVIRONMENT === 'github-hosted') {
    log.warn(
      `the backup in ${to} is deleted with this runner: set database.backup.to to a bucket, or upload it in a later step`,
    );
  }
}

/** With the programs of the server's own major version. */
async function dump(run: BackupSource, use?: RehearseOnCopy): Promise<Backup> {
  const { context, database, session, plan } = run;
  const { backup: wanted } = database;
  const { exec, env, log, record, clock, signal, redactor } = context;
  const programs = await findClients(session.server.major, context);
  const { backup } = await backUp(
    {
      url: session.url,
      connectedTo: session.connectedTo,
      server: session.server,
      programs,
      store: openStore(wanted, context),
      keys: wanted.encrypt ? await readKeys(wanted.encrypt) : null,
      prove: wanted.prove,
      scratchUrl: scratchUrlOf(wanted),
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
      redactor,
    },
    use,
  );
  return backup;
}

/** @throws UserError that names the key. */
function scratchUrlOf({ 'scratch-url': text }: Connected['database']['backup']): DatabaseUrl | undefined {
  if (text === undefined) return undefined;
  const found = DatabaseUrl.read(text);
  if (found.ok) return found.url;
  throw new UserError(`the URL in database.backup.scratch-url ${found.problem}`, {
    hint: 'Write it as postgresql://user:password@host:port/database.',
  });
}

/** Also when they are written in the configuration, not in variables. */
function hideSecrets(
  { redactor }: Pick<MigrateContext, 'redactor'>,
  backup: Connected['database']['backup'],
): void {
  for (const secret of [backup.encrypt?.identity, backup['scratch-url']]) if (secret) redactor.add(secret);
}

/** @throws UserError when pg_dump or pg_restore is not installed; pg_amcheck is only used where it is. */
async function findClients(
  major: number,
  context: MigrateContext,
): Promise<{ pgDump: string; pgRestore: string; pgAmcheck: string | null; version: string }> {
  const options: FindOptions = { ...context, programs: context.config.programs };
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
