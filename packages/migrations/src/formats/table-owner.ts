import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { FormatName } from './format.ts';
import { type FoundTable, findTable, hasColumns } from './found-table.ts';

/** A tool whose version table can be told; `format` when its folders are read. */
interface Owner {
  tool: string;
  format?: FormatName;
}

/** Where tools keep their version tables, by names that only one tool uses. */
const homes: [table: string, owner: Owner][] = [
  ['flyway_schema_history', { tool: 'flyway', format: 'flyway' }],
  ['pgmigrations', { tool: 'node-pg-migrate', format: 'node-pg-migrate' }],
  ['graphile_migrate.migrations', { tool: 'graphile-migrate', format: 'graphile-migrate' }],
  ['sqitch.changes', { tool: 'sqitch', format: 'sqitch' }],
  ['_prisma_migrations', { tool: 'prisma', format: 'prisma' }],
  ['drizzle.__drizzle_migrations', { tool: 'drizzle', format: 'drizzle' }],
  ['supabase_migrations.schema_migrations', { tool: 'Supabase' }],
  ['databasechangelog', { tool: 'Liquibase' }],
  ['atlas_schema_revisions.atlas_schema_revisions', { tool: 'Atlas' }],
  ['goose_db_version', { tool: 'goose' }],
  ['gorp_migrations', { tool: 'sql-migrate' }],
  ['knex_migrations', { tool: 'knex' }],
  ['alembic_version', { tool: 'Alembic' }],
  ['django_migrations', { tool: 'Django' }],
  ['pgroll.migrations', { tool: 'pgroll' }],
];

/** Whose a table `schema_migrations` is: several tools call theirs so, and their columns tell them apart. */
export async function ownerOf(client: Client, table: FoundTable): Promise<Owner | undefined> {
  if (hasColumns(table, 'version', 'dirty')) return { tool: 'golang-migrate', format: 'golang-migrate' };
  if (hasColumns(table, 'version', 'inserted_at')) return { tool: 'Ecto' };
  if (hasColumns(table, 'version', 'statements')) return { tool: 'Supabase' };
  const rails = await findTable(client, 'ar_internal_metadata');
  if (rails.exists) return { tool: 'Rails' };
  if (!hasColumns(table, 'version')) return undefined;
  return table.columns.length === 1
    ? { tool: 'dbmate, or a tool like it,', format: 'dbmate' }
    : { tool: 'a team that numbers its files itself, or Slipway,', format: 'plain' };
}

/** Where the version table of a format is, and the columns by which it is known. */
export interface TableSearch {
  format: FormatName;
  table: string;
  /** When the tool has a schema of its own; else search_path decides. */
  schema?: string;
  columns: string[];
}

/** The version table of a format. @throws UserError when it is another tool's, or another tool ran here before. */
export async function openTable(
  client: Client,
  { format, table, schema, columns }: TableSearch,
): Promise<FoundTable> {
  const found = await findTable(client, table, schema);
  if (!found.exists) await refuseSecondTool(client, found, format);
  else if (!hasColumns(found, ...columns)) await refuseTableOfOtherTool(client, found, format);
  return found;
}

/** @throws UserError: there is a table of that name, but another tool's. */
export async function refuseTableOfOtherTool(
  client: Client,
  table: FoundTable,
  format: FormatName,
): Promise<never> {
  const owner = await ownerOf(client, table);
  const columns = table.columns.map(({ name }) => name).join(', ');
  throw new UserError(
    `the table ${table.name} (${columns}) ${owner ? `belongs to ${owner.tool}` : `is not one of ${format}`}, but the folder is read as ${format}; nothing was changed`,
    { hint: remedy(owner) },
  );
}

function remedy(owner: Owner | undefined): string {
  if (owner?.format) {
    return `If ${owner.format} is right, set database.migrations.format: ${owner.format}; otherwise rename the table.`;
  }
  if (owner) {
    return `Let ${owner.tool} run its migrations itself, with database.migrations.command: […] naming its command; or rename the table.`;
  }
  return 'Set database.migrations.format to the tool that made it, or rename the table.';
}

/**
 * Before a first version table is made: another tool may have migrated this database, and then every migration would
 * run a second time. Tables without a row do not count.
 * @throws UserError that names the table and whose it is.
 */
async function refuseSecondTool(client: Client, own: FoundTable, format: FormatName): Promise<void> {
  const candidates = homes.filter(([, owner]) => owner.format !== format);
  const names = [...candidates.map(([name]) => name), 'schema_migrations'];
  const { rows } = await client.query<{ home: string; name: string }>(
    `SELECT home, format('%I.%I', n.nspname, c.relname) AS name
     FROM unnest($1::text[]) AS home JOIN pg_class c ON c.oid = to_regclass(home)
     JOIN pg_namespace n ON n.oid = c.relnamespace`,
    [names],
  );
  for (const { home, name } of rows) {
    if (name === own.name || !(await hasRow(client, name))) continue;
    const known = candidates.find(([table]) => table === home)?.[1];
    const owner = known ?? (await ownerOf(client, await findTable(client, 'schema_migrations')));
    throw new UserError(
      `this database has the table ${name}${owner ? ` of ${owner.tool}` : ''}, but the folder is read as ${format}, whose table ${own.name} is not there; nothing was changed`,
      {
        hint: `${remedy(owner)} If both are right, create the table of ${format} first, with a row for each migration that ran.`,
      },
    );
  }
}

/** A table that may not be read is taken for one with rows. */
async function hasRow(client: Client, name: string): Promise<boolean> {
  const found = await client
    .query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM ${name}) AS found`)
    .catch(() => null);
  return found?.rows[0]?.found ?? true;
}
