/** A tool whose folders are not read: it runs its migrations itself. */
export interface OtherTool {
  tool: string;
  /** How its folder is recognised. */
  folder?: {
    /** One of its files that is not SQL, by its path below the folder. */
    name?: RegExp;
    /** One of its SQL files, by a comment in it. */
    text?: RegExp;
    /** How its command is written in the configuration. */
    command: string;
  };
  /** Its version table as to_regclass takes it, by a name that only this tool uses. */
  table?: string;
  /** Columns by which its table `schema_migrations` is known. */
  columns?: readonly string[];
  /** The query that lists what it applied, oldest first, and the table that is asked. */
  versions?: { table: string; sql: string };
}

/**
 * Tools whose migrations are code, or SQL in a dialect that only they read: they are detected, not read. A file with the sections of
 * another tool must never be taken for plain SQL, since the part that reverts would run as well.
 */
export const otherTools: readonly OtherTool[] = [
  {
    tool: 'Liquibase',
    folder: {
      name: /(?:changelog[^/]*\.(?:xml|ya?ml|json)|\.changelog\.(?:xml|ya?ml|json))$/i,
      text: /^--\s*liquibase formatted sql/im,
      command: '[liquibase, update]',
    },
    table: 'databasechangelog',
    versions: {
      table: 'databasechangelog',
      sql: 'SELECT id FROM databasechangelog ORDER BY orderexecuted',
    },
  },
  {
    tool: 'Atlas',
    folder: {
      name: /(?:^|\/)atlas\.sum$/,
      command: '[atlas, migrate, apply, --env, production]',
    },
    table: 'atlas_schema_revisions.atlas_schema_revisions',
    versions: {
      table: 'atlas_schema_revisions.atlas_schema_revisions',
      sql: 'SELECT version FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total ORDER BY version',
    },
  },
  {
    tool: 'goose',
    folder: { text: /^--\s*\+goose\s+up\b/im, command: '[goose, up]' },
    table: 'goose_db_version',
    versions: {
      table: 'goose_db_version',
      sql: 'SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id',
    },
  },
  {
    tool: 'sql-migrate',
    folder: { text: /^--\s*\+migrate\s+up\b/im, command: '[sql-migrate, up]' },
    table: 'gorp_migrations',
    versions: { table: 'gorp_migrations', sql: 'SELECT id FROM gorp_migrations ORDER BY id' },
  },
  {
    tool: 'tern',
    folder: { text: /^----\s*create above\s*\/\s*drop below\s*----/im, command: '[tern, migrate]' },
  },
  {
    // Its own table holds nothing but the version, as that of many others: see `railsTable`.
    tool: 'Rails',
    folder: { name: /^\d+_[^/]*\.rb$/, command: '[bin/rails, db:migrate]' },
    versions: { table: 'schema_migrations', sql: 'SELECT version::text FROM schema_migrations ORDER BY 1' },
  },
  {
    tool: 'Ecto',
    folder: { name: /^\d+_[^/]*\.exs$/, command: '[mix, ecto.migrate]' },
    columns: ['version', 'inserted_at'],
  },
  {
    tool: 'Supabase',
    table: 'supabase_migrations.schema_migrations',
    columns: ['version', 'statements'],
  },
  {
    tool: 'Alembic',
    folder: {
      name: /^(?:versions\/[^/]*\.py|script\.py\.mako)$/,
      command: '[alembic, upgrade, head]',
    },
    table: 'alembic_version',
    versions: { table: 'alembic_version', sql: 'SELECT version_num FROM alembic_version' },
  },
  {
    tool: 'Django',
    folder: { name: /^\d{4}_[^/]*\.py$/, command: '[python, manage.py, migrate]' },
    table: 'django_migrations',
    versions: {
      table: 'django_migrations',
      sql: "SELECT app || '.' || name FROM django_migrations ORDER BY id",
    },
  },
  {
    tool: 'Entity Framework or another .NET tool',
    folder: { name: /^\d+_[^/]*\.cs$/, command: '[dotnet, ef, database, update]' },
  },
  {
    tool: 'Laravel',
    folder: {
      name: /^\d{4}_\d{2}_\d{2}_\d{6}_[^/]*\.php$/,
      command: '[php, artisan, migrate, --force]',
    },
  },
  {
    tool: 'typeorm',
    folder: {
      name: /^\d{13}-[A-Za-z][^/]*\.[cm]?[jt]s$/,
      command: '[npx, typeorm, migration:run, -d, dist/data-source.js]',
    },
    versions: { table: 'migrations', sql: 'SELECT name FROM migrations ORDER BY id' },
  },
  {
    tool: 'a tool that writes migrations in JavaScript or TypeScript (knex, node-pg-migrate, sequelize)',
    folder: { name: /^\d+[-_.][^/]*\.[cm]?[jt]s$/, command: '[npx, knex, migrate:latest]' },
  },
  {
    tool: 'knex',
    table: 'knex_migrations',
    versions: { table: 'knex_migrations', sql: 'SELECT name FROM knex_migrations ORDER BY id' },
  },
  {
    tool: 'Sequelize',
    versions: { table: '"SequelizeMeta"', sql: 'SELECT name FROM "SequelizeMeta" ORDER BY name' },
  },
  { tool: 'pgroll', table: 'pgroll.migrations' },
];

/** The table by which Rails is known. */
export const railsTable = 'ar_internal_metadata';
