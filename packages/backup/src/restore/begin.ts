import { UserError } from '@slipway/kernel';
import { serverVersion } from '@slipway/postgres';
import type { Client } from 'pg';
import { assertMayCreate } from '../create-database.ts';
import { databaseId } from '../identity.ts';
import type { BackupManifest } from '../manifest.ts';
import { assertKeysFit } from '../read-back.ts';
import type { Connection } from '../scratch.ts';
import { chooseBackup } from './choose.ts';
import type { RestoreOptions } from './options.ts';

/** What a restore needs to begin. */
export interface RestorePlan {
  backup: BackupManifest;
  /** Of the server's own major version. */
  pgRestore: string;
}

/**
 * Chooses the backup, and checks everything that would make its restore fail, before anything is created.
 * @param live Connected to the database that is replaced. @throws UserError, Fault
 */
export async function planRestore(
  options: Pick<RestoreOptions, 'store' | 'from' | 'keys' | 'findPgRestore' | 'log'>,
  { client, at }: Connection,
  database: string,
): Promise<RestorePlan> {
  const wanted = { databaseId: await databaseId(client, at), database, log: options.log };
  const backup = await chooseBackup(options.store, options.from, wanted);
  assertKeysFit(backup, options);
  const pgRestore = await options.findPgRestore((await serverVersion(client)).major);
  await assertMayCreate(client);
  await assertMayRename(client, database);
  return { backup, pgRestore };
}

async function assertMayRename(client: Client, database: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT pg_has_role(datdba, 'USAGE') AS allowed, quote_ident(current_user) AS who, quote_ident(datname) AS database
     FROM pg_database WHERE datname = current_database()`,
  );
  if (rows[0]?.allowed) return;
  throw new UserError(`the database user does not own the database "${database}", and cannot replace it`, {
    hint: `Run ALTER DATABASE ${rows[0]?.database} OWNER TO ${rows[0]?.who}, or GRANT the owning role to the user.`,
  });
}
