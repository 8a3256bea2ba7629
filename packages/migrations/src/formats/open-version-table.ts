import type { Client } from 'pg';
import type { Migration, MigrationFormat, VersionTable } from './format.ts';
import { openTable } from './table-owner.ts';

/**
 * The version table of a format as it is now, and how it is written.
 * @throws UserError for a table of another tool, and when the user may not read it; Fault.
 */
export async function openVersionTable(
  client: Client,
  format: MigrationFormat,
  migrations: readonly Migration[],
): Promise<VersionTable> {
  return format.readTable(client, await openTable(client, format), migrations);
}
