import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { AppliedMigration, Migration, TableOfTool, VersionTable } from '../format.ts';
import { type FoundTable, hasColumns, readRows } from '../found-table.ts';
import { withoutZeros } from '../order.ts';

const wholeNumbers = ['int2', 'int4', 'int8', 'numeric'];
const texts = ['text', 'varchar', 'bpchar'];

export const plainTable: TableOfTool = {
  name: 'schema_migrations',
  schema: null,
  accepts: ({ columns }) =>
    columns.some(({ name, type }) => name === 'version' && [...wholeNumbers, ...texts].includes(type)),
  versions: null,
  shared: {
    owner: 'a team that numbers its files itself, or Slipway,',
    owns: (table) => hasColumns(table, 'version'),
    unmistakable: false,
    compatible: ['dbmate'],
  },
};

/**
 * The table `schema_migrations` of a team: ours, or one made by hand that has `version` as text or a whole number and
 * needs nothing else in a row. A column sha256, when there is one, holds the checksum.
 */
export async function readPlainTable(
  client: Client,
  table: FoundTable,
  migrations: readonly Migration[],
): Promise<VersionTable> {
  assertUsable(table);
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
    lists: { versions: 'all' },
    rows: applied ?? null,
    creation: table.exists ? null : createPlainTable(table.name),
    begin: () => null,
    record: ({ version, sha256 }) =>
      summed
        ? `INSERT INTO ${table.name} (version, sha256) VALUES (${quoteLiteral(version)}, ${quoteLiteral(sha256)})`
        : `INSERT INTO ${table.name} (version) VALUES (${quoteLiteral(version)})`,
    forget: ({ version }) => {
      // A row that was written by hand may have the number without its zeros.
      const found = rows?.find((row) => withoutZeros(row.version) === withoutZeros(version))?.version;
      return `DELETE FROM ${table.name} WHERE version = ${quoteLiteral(found ?? version)}`;
    },
    locks: [],
  };
}

/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
function createPlainTable(name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  applied_at timestamptz NOT NULL DEFAULT now()
)`;
}

function assertUsable(table: FoundTable): void {
  const known = ['version', 'sha256'];
  const demanded = table.columns.filter(({ name, optional }) => !optional && !known.includes(name));
  if (demanded.length === 0) return;
  throw new UserError(
    `the table ${table.name} requires a value for ${demanded.map(({ name }) => name).join(', ')} in every row; nothing was changed`,
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
    { hint: 'Versions are stored as text, and ORDER BY version must find the newest. Nothing was changed.' },
  );
}
