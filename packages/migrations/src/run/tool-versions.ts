import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';

/** Version tables of tools that run their own migrations, and the query that lists what they applied, oldest first. */
const known: readonly { table: string; tool: string; query: string }[] = [
  { table: 'knex_migrations', tool: 'knex', query: 'SELECT name FROM knex_migrations ORDER BY id' },
  {
    table: 'databasechangelog',
    tool: 'Liquibase',
    query: 'SELECT id FROM databasechangelog ORDER BY orderexecuted',
  },
  { table: 'alembic_version', tool: 'Alembic', query: 'SELECT version_num FROM alembic_version' },
  {
    table: 'django_migrations',
    tool: 'Django',
    query: "SELECT app || '.' || name FROM django_migrations ORDER BY id",
  },
  {
    table: '_prisma_migrations',
    tool: 'Prisma',
    query:
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at',
  },
  {
    table: 'atlas_schema_revisions.atlas_schema_revisions',
    tool: 'Atlas',
    query:
      'SELECT version FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total ORDER BY version',
  },
  {
    table: 'drizzle.__drizzle_migrations',
    tool: 'drizzle',
    query: 'SELECT created_at FROM drizzle.__drizzle_migrations ORDER BY created_at',
  },
  { table: 'pgmigrations', tool: 'node-pg-migrate', query: 'SELECT name FROM pgmigrations ORDER BY id' },
  {
    table: '"SequelizeMeta"',
    tool: 'Sequelize',
    query: 'SELECT name FROM "SequelizeMeta" ORDER BY name',
  },
  {
    table: 'flyway_schema_history',
    tool: 'Flyway',
    query:
      'SELECT coalesce(version, script) FROM flyway_schema_history WHERE success ORDER BY installed_rank',
  },
  {
    table: 'schema_migrations',
    tool: 'Rails and tools like it',
    query: 'SELECT version::text FROM schema_migrations ORDER BY 1',
  },
  {
    table: 'goose_db_version',
    tool: 'goose',
    query: 'SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id',
  },
  { table: 'gorp_migrations', tool: 'sql-migrate', query: 'SELECT id FROM gorp_migrations ORDER BY id' },
  { table: 'migrations', tool: 'TypeORM', query: 'SELECT name FROM migrations ORDER BY id' },
];

/** How the applied versions of a program's migrations are asked for. */
export interface VersionQuery {
  /** Whose table it is. */
  of: string;
  /** Its first column is the version. */
  sql: string;
}

/**
 * @returns null when no known version table is there, as before the very first migration.
 * @throws UserError when there are several: which of them is meant, nothing says.
 */
export async function findVersionQuery(client: Client): Promise<VersionQuery | null> {
  const values = known.map(({ table }) => `(${quoteLiteral(table)})`).join(', ');
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`,
  );
  const there = new Set(rows.map(({ name }) => name));
  const [found, second] = known.filter(({ table }) => there.has(table));
  if (found && second) {
    throw new UserError(
      `the database has version tables of several tools: ${found.table} and ${second.table}`,
      {
        hint: 'Set database.migrations.versions to a query whose first column lists the applied versions, oldest first.',
      },
    );
  }
  return found ? { of: found.tool, sql: found.query } : null;
}

/** The applied versions, oldest first. @throws UserError when the query cannot be run. */
export async function listVersions(client: Client, query: VersionQuery): Promise<string[]> {
  try {
    const { rows } = await client.query({ text: query.sql, rowMode: 'array' });
    return rows.map((row) => String(row[0]));
  } catch (cause) {
    throw new UserError(`the applied versions cannot be listed: ${(cause as Error).message}`, {
      cause,
      hint: 'Set database.migrations.versions to a query whose first column lists them, oldest first.',
    });
  }
}
