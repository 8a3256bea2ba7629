import * as path from 'node:path';
import { type Backup, backUp } from '@slipway/database';
import { findPgDump } from '@slipway/runner/programs';
import type { MigrationRun } from './migration.ts';

/** Dumps the database with the pg_dump of its own major version. @throws UserError, Fault, Cancelled */
export async function makeBackup(run: MigrationRun): Promise<Backup> {
  const { context, database, session, plan } = run;
  const { exec, temp, config, log, record, clock } = context;
  const pgDump = await findPgDump(session.server.major, { programs: config.programs, exec, temp });
  const backup = await backUp({
    pgDump: pgDump.command[0],
    url: database.url,
    connectedTo: session.connectedTo,
    folder: path.resolve(context.workspace, database.backup.to),
    exec,
    facts: {
      server: session.server.version,
      client: pgDump.version,
      schemaVersion: plan.current,
      release: record.id,
      commit: record.commit,
      at: clock.now(),
    },
  });
  log.info(`backup ${backup.file}: ${backup.bytes} bytes, sha256 ${backup.sha256}`);
  return backup;
}
