import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { AppliedMigration, TableOfTool, VersionTable } from '../format.ts';
import { type FoundTable, hasColumns, readRows } from '../found-table.ts';
import { flywayLock } from './checksum.ts';
import type { FlywayMigration } from './flyway-migration.ts';
import { compareFlywayVersions, flywayVersionKey } from './names.ts';

const tableName = 'flyway_schema_history';

export const flywayTable: TableOfTool = {
  name: tableName,
  schema: null,
  accepts: (table) =>
    hasColumns(table, 'installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success'),
  versions:
    'SELECT coalesce(version, script) FROM flyway_schema_history WHERE success ORDER BY installed_rank',
};

/** A row of flyway's schema history. */
interface FlywayRow {
  version: string | null;
  description: string;
  type: string;
  checksum: string | null;
  success: boolean;
}

/** The table as flyway's PostgreSQLDatabase makes it. */
export async function readFlywayTable(
  client: Client,
  table: FoundTable,
  migrations: readonly FlywayMigration[],
): Promise<VersionTable<FlywayMigration>> {
  const rows = await readRows<FlywayRow>(client, table, {
    columns: 'version, description, type, checksum::text, success',
    order: 'installed_rank',
  });
  const ours = ({ kind, version, description }: FlywayMigration): string =>
    kind === 'repeatable'
      ? `version IS NULL AND description = ${quoteLiteral(cut(description))}`
      : `version = ${quoteLiteral(storedVersion(rows ?? [], version))}`;
  const insert = (migration: FlywayMigration, success: boolean): string =>
    `INSERT INTO ${table.name} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
SELECT coalesce(max(installed_rank), 0) + 1, ${valuesOf(migration)}, current_user, (extract(epoch FROM clock_timestamp() - now()) * 1000)::int, ${success} FROM ${table.name}`;
  const clear = (migration: FlywayMigration): string =>
    `DELETE FROM ${table.name} WHERE ${ours(migration)} AND NOT success`;
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: rows && appliedByFlyway(rows, migrations),
    creation: table.exists ? null : createTable(table.name),
    // Flyway writes such a row after the failure; a process that was killed cannot.
    begin: (migration) => `${clear(migration)};\n${insert(migration, false)}`,
    record: (migration) => `${clear(migration)};\n${insert(migration, true)}`,
    // Its own row UNDO_SQL is understood only by the editions that can undo.
    forget: (migration) => `DELETE FROM ${table.name} WHERE ${ours(migration)}`,
    locks: [`${flywayLock(table.schema, tableName)}::bigint`],
  };
}

/** A row may spell the version differently: `1.0` for `1`. */
function storedVersion(rows: readonly FlywayRow[], version: string): string {
  const key = flywayVersionKey(version);
  return (
    rows.find((row) => row.version !== null && flywayVersionKey(row.version) === key)?.version ?? version
  );
}

function valuesOf({ kind, version, description, script, checksum }: FlywayMigration): string {
  const number = kind === 'repeatable' ? 'NULL' : quoteLiteral(version);
  // After its AbbreviationUtils: the columns end at 200 and 1000 characters.
  const path = script.length <= 1000 ? script : `...${script.slice(3, 1000)}`;
  return `${number}, ${quoteLiteral(cut(description))}, 'SQL', ${quoteLiteral(path)}, ${checksum ?? 'NULL'}`;
}

function cut(description: string): string {
  return description.length <= 200 ? description : `${description.slice(0, 197)}...`;
}

function createTable(name: string): string {
  const schema = name.slice(0, -tableName.length);
  return `DO $create$ BEGIN
  IF to_regclass('${name.replaceAll("'", "''")}') IS NULL THEN
    CREATE TABLE ${name} (
      installed_rank integer NOT NULL, version varchar(50), description varchar(200) NOT NULL,
      type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
      installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL,
      CONSTRAINT ${tableName}_pk PRIMARY KEY (installed_rank)
    );
    CREATE INDEX ${tableName}_s_idx ON ${schema}${tableName} (success);
  END IF;
END $create$`;
}

/**
 * What the rows mean: the newest of a migration counts; one that was undone or deleted is pending again; all up to a
 * baseline count as applied. Pure.
 * @throws UserError when migrations written in Java are among them.
 */
function appliedByFlyway(
  rows: readonly FlywayRow[],
  migrations: readonly FlywayMigration[],
): AppliedMigration[] {
  const names = new Map(
    migrations.map((one) => [
      one.kind === 'versioned' ? flywayVersionKey(one.version) : `R ${cut(one.description)}`,
      one.version,
    ]),
  );
  const states = new Map<string, AppliedMigration>();
  for (const { version, description, type, checksum, success } of rows) {
    if (type === 'SCHEMA') continue;
    const key = version === null ? `R ${description}` : flywayVersionKey(version);
    if (type.startsWith('UNDO') || type === 'DELETE') {
      if (success) states.delete(key);
      continue;
    }
    if (type.endsWith('BASELINE')) {
      for (const one of migrations.filter((file) => isBelow(file, version))) {
        const below = flywayVersionKey(one.version);
        states.set(below, { version: one.version, checksum: null, state: 'applied' });
      }
      continue;
    }
    if (type !== 'SQL') throw inJava(type, version ?? description);
    const name = names.get(key) ?? version ?? `R__${description.replaceAll(' ', '_')}`;
    states.set(key, { version: name, checksum, state: success ? 'applied' : 'failed' });
  }
  return [...states.values()];
}

function isBelow({ kind, version }: FlywayMigration, baseline: string | null): boolean {
  return kind === 'versioned' && compareFlywayVersions(version, baseline ?? '0') <= 0;
}

function inJava(type: string, what: string): UserError {
  return new UserError(
    `flyway ran ${what} as ${type}, which only flyway itself can run; nothing was changed`,
    {
      hint: 'Let flyway run its migrations: database.migrations.command: [flyway, migrate].',
    },
  );
}
