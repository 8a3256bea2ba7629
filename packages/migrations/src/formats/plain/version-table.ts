import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { AppliedMigration, Migration, VersionTable } from '../format.ts';
import { type FoundTable, hasColumns, readRows } from '../found-table.ts';
import { withoutZeros } from '../order.ts';
import { openTable, ownerOf, refuseTableOfOtherTool } from '../table-owner.ts';

const wholeNumbers = ['int2', 'int4', 'int8', 'numeric'];
const texts = ['text', 'varchar', 'bpchar'];

/**
 * The table `schema_migrations` of a team: ours, or one made by hand that has `version` as text or a whole number and
 * needs nothing else in a row. A column sha256, when there is one, holds the checksum.
 */
export async function openPlainTable(
  client: Client,
  migrations: readonly Migration[],
): Promise<VersionTable> {
  const table = await openTable(client, {
    format: 'plain',
    table: 'schema_migrations',
    columns: ['version'],
  });
  if (table.exists) await assertUsable(client, table);
  const type = table.columns.find(({ name }) => name === 'version')?.type ?? 'text';
  const summed = hasColumns(table, 'sha256');
  if (!wholeNumbers.includes(type)) assertSameWidth(migrations);
  const byNumber = new Map(migrations.map(({ version }) => [withoutZeros(version), version]));
  const rows = await readRows<{ version: string; checksum: string | null }>(client, table, {
    columns: `trim(version::text) AS version, ${summed ? 'sha256::text' : 'NULL'} AS checksum`,
    order: 'version',
  });
  const applied = rows?.map(({ version, checksum }): AppliedMigration => {
    return { version: byNumber.get(withoutZeros(version)) ?? version, checksum, state: 'applied' };
  });
  return {
    table: table.name,
    rows: applied ?? null,
    create: table.exists ? '' : createPlainTable(table.name),
    begin: () => '',
    record: ({ version, sha256 }) =>
      summed
        ? `INSERT INTO ${table.name} (version, sha256) VALUES (${quoteLiteral(version)}, ${quoteLiteral(sha256)})`
        : `INSERT INTO ${table.name} (version) VALUES (${quoteLiteral(version)})`,
    forget: ({ version }) => {
      // A row that was written by hand may have the number without its zeros.
      const found = rows?.find((row) => withoutZeros(row.version) === withoutZeros(version))?.version;
      return `DELETE FROM ${table.name} WHERE version = ${quoteLiteral(found ?? version)}`;
    },
    lock: null,
  };
}

/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
function createPlainTable(name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  applied_at timestamptz NOT NULL DEFAULT now()
)`;
}

async function assertUsable(client: Client, table: FoundTable): Promise<void> {
  const version = table.columns.find(({ name }) => name === 'version');
  const typed = version !== undefined && [...wholeNumbers, ...texts].includes(version.type);
  const owner = await ownerOf(client, table);
  if (!typed || (owner !== undefined && owner.format !== 'plain' && owner.format !== 'dbmate')) {
    await refuseTableOfOtherTool(client, table, 'plain');
  }
  const known = ['version', 'sha256'];
  const demanded = table.columns.filter(({ name, optional }) => !optional && !known.includes(name));
  if (demanded.length === 0) return;
  throw new UserError(
    `the table ${table.name} wants a value for ${demanded.map(({ name }) => name).join(', ')} in every row; nothing was changed`,
    {
      hint: `Give the column a default: ALTER TABLE ${table.name} ALTER COLUMN ${demanded[0]?.name} SET DEFAULT ….`,
    },
  );
}

/** @throws UserError: ORDER BY version on text, which everybody uses to ask for the newest, would lie. */
function assertSameWidth(migrations: readonly Migration[]): void {
  const widths = new Map(migrations.map((migration) => [migration.version.length, migration.file]));
  if (widths.size <= 1) return;
  throw new UserError(
    `${[...widths.values()].join(', ')}: the numbers have different lengths; pad them with zeros to the same one`,
    { hint: 'The version is kept as text, and ORDER BY version must find the newest. Nothing was changed.' },
  );
}
