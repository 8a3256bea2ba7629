import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { MigrationTables } from './migration-state.ts';

/**
 * Makes sure, before anything is changed or dumped, that the server takes writes and that the version table can be
 * made where it belongs. @throws UserError that says what is missing.
 */
export async function assertWritable(client: Client, standing: MigrationTables): Promise<void> {
  const { versionTable, journal } = standing;
  const { rows } = await client.query<Record<'standby' | 'readonly' | 'allowed', boolean> & { who: string }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS readonly,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS allowed, current_user AS who`,
  );
  const found = rows[0];
  if (found?.standby) {
    throw new UserError('the server is a standby and does not accept changes', {
      hint: 'Set the database URL to the address of the primary, or wait until the failover is done.',
    });
  }
  if (found?.readonly) {
    throw new UserError('the database does not accept changes: default_transaction_read_only is on', {
      hint: 'Find out who set it read-only and why (a full disk, a move), then switch it off for this user or database.',
    });
  }
  if ((versionTable.rows === null || journal.rows === null) && !found?.allowed) {
    throw new UserError(
      `the database user ${found?.who} may not create ${versionTable.rows === null ? versionTable.table : journal.table}`,
      {
        hint: `GRANT USAGE, CREATE ON SCHEMA ${versionTable.table.split('.')[0]} TO it, or migrate as the owner of the database.`,
      },
    );
  }
}
