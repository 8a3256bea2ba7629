import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { FormatName, MigrationFormat, TableOfTool } from './format.ts';
import { type FoundTable, findTable, hasColumns } from './found-table.ts';
import { formats } from './index.ts';
import { otherTools, railsTable } from './other-tools.ts';

/** Whose a version table is; `format` when its folders are read. */
interface Owner {
  tool: string;
  format: FormatName | null;
}

/** A name that many tools use. */
const sharedName = 'schema_migrations';

/** Where tools keep their version tables, by names that only one tool uses. */
const homes = new Map<string, Owner>([
  ...formats
    .filter(({ table }) => !table.shared)
    .map(({ name, table }): [string, Owner] => [homeOf(table), { tool: name, format: name }]),
  ...otherTools.flatMap(({ tool, table }): [string, Owner][] =>
    table === undefined ? [] : [[table, { tool, format: null }]],
  ),
]);

/** As to_regclass takes it. */
function homeOf({ schema, name }: TableOfTool): string {
  return schema === null ? name : `${schema}.${name}`;
}

/** Whose a table `schema_migrations` is, by its columns. */
async function ownerOf(client: Client, table: FoundTable): Promise<Owner | null> {
  const owning = formats.find((format) => format.table.shared?.owns(table));
  if (owning?.table.shared?.unmistakable) return ownedBy(owning);
  const other = otherTools.find(({ columns }) => columns && hasColumns(table, ...columns));
  if (other) return { tool: other.tool, format: null };
  const rails = await findTable(client, railsTable);
  if (rails.exists) return { tool: 'Rails', format: null };
  return owning ? ownedBy(owning) : null;
}

function ownedBy({ name, table }: MigrationFormat): Owner {
  return { tool: table.shared?.owner ?? name, format: name };
}

/**
 * The table of a format where it belongs, whether it exists or not. @throws UserError when it is another tool's, or
 * another tool ran here before.
 */
export async function openTable(client: Client, format: MigrationFormat): Promise<FoundTable> {
  const { table } = format;
  const found = await findTable(client, table.name, table.schema ?? undefined);
  if (!found.exists) await refuseSecondTool(client, found, format.name);
  else if (!table.accepts(found)) throw refused(format, found, await ownerOf(client, found));
  else if (table.shared) {
    const owner = await ownerOf(client, found);
    const usable = [format.name, ...table.shared.compatible];
    if (owner !== null && (owner.format === null || !usable.includes(owner.format))) {
      throw refused(format, found, owner);
    }
  }
  return found;
}

/** There is a table of that name, but it is another tool's. */
function refused({ name: format }: MigrationFormat, table: FoundTable, owner: Owner | null): UserError {
  const columns = table.columns.map(({ name }) => name).join(', ');
  return new UserError(
    `the table ${table.name} (${columns}) ${owner ? `belongs to ${owner.tool}` : `does not belong to ${format}`}, but the folder is read as ${format}; nothing was changed`,
    { hint: remedyFor(owner) },
  );
}

function remedyFor(owner: Owner | null): string {
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
  const candidates = new Map([...homes].filter(([, owner]) => owner.format !== format));
  const { rows } = await client.query<{ home: string; name: string }>(
    `SELECT home, format('%I.%I', n.nspname, c.relname) AS name
     FROM unnest($1::text[]) AS home JOIN pg_class c ON c.oid = to_regclass(home)
     JOIN pg_namespace n ON n.oid = c.relnamespace`,
    [[...candidates.keys(), sharedName]],
  );
  for (const { home, name } of rows) {
    if (name === own.name || !(await hasRow(client, name))) continue;
    const owner = candidates.get(home) ?? (await ownerOf(client, await findTable(client, sharedName)));
    throw new UserError(
      `this database has the table ${name}${owner ? ` of ${owner.tool}` : ''}, but the folder is read as ${format}, whose table ${own.name} does not exist; nothing was changed`,
      {
        hint: `${remedyFor(owner)} If both are right, create the table of ${format} first, with a row for each migration that ran.`,
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
