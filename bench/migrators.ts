import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { root } from '../demo/stage.ts';

/** A tool that migrates, as a whole process. */
export interface Migrator {
  name: string;
  /**
   * A migration by its number from 1, relative to the folder of the run.
   * @param alone Outside of a transaction, by the switch that the tool has for it, if it has one.
   */
  file(index: number, sql: string, alone?: boolean): { file: string; text: string };
  /** What else has to be in the folder. */
  prepare?(folder: string): void;
  command(folder: string, url: string): { argv: string[]; env: Record<string, string> };
}

const node = process.execPath;
const inModules = (...parts: string[]): string => path.join(root, 'node_modules', ...parts);
const padded = (index: number): string => String(index).padStart(5, '0');
const plain = (index: number, sql: string) => ({ file: `migrations/${padded(index)}_m.sql`, text: sql });

/** Ours and those of the npm registry, each set up as its documentation has it. psql keeps no table of versions. */
export function migrators(binDir: string): Migrator[] {
  return [slipway, dbmate, nodePgMigrate, graphileMigrate, umzug, postgrator, psql(binDir)];
}

const slipway: Migrator = {
  name: 'slipway',
  file: plain,
  prepare: (folder) =>
    writeFileSync(
      path.join(folder, 'slipway.yml'),
      'app: bench\ncompose: {files: [x.yml]}\nservices: {x: {image: x/y}}\ndatabase: {url: "${DATABASE_URL}"}\n',
    ),
  command: (folder, url) => ({
    argv: [node, path.join(root, 'dist/db-migrate/index.js')],
    env: {
      DATABASE_URL: url,
      GITHUB_WORKSPACE: folder,
      GITHUB_RUN_ID: '1',
      INPUT_CONFIG: 'slipway.yml',
      INPUT_VERSION: '1.0.0',
      INPUT_BACKUP: 'never',
    },
  }),
};

const dbmate: Migrator = {
  name: 'dbmate',
  file: (index, sql, alone) => ({
    file: `db/migrations/${padded(index)}_m.sql`,
    text: `-- migrate:up${alone ? ' transaction:false' : ''}\n${sql}\n\n-- migrate:down\n`,
  }),
  command: (_folder, url) => ({
    argv: [inModules(`@dbmate/linux-${process.arch}/bin/dbmate`), '--no-dump-schema', 'up'],
    env: { DATABASE_URL: `${url}?sslmode=disable` },
  }),
};

const nodePgMigrate: Migrator = {
  name: 'node-pg-migrate',
  file: (index, sql) => ({
    file: `migrations/${1_700_000_000_000 + index}_m.sql`,
    text: `-- Up Migration\n${sql}\n-- Down Migration\n`,
  }),
  command: (_folder, url) => ({
    argv: [node, inModules('node-pg-migrate/bin/node-pg-migrate.js'), 'up'],
    env: { DATABASE_URL: url },
  }),
};

/** Its files carry a chain of hashes, so that they are committed by the tool's own rule. */
const graphileMigrate: Migrator = (() => {
  let previous = '-';
  return {
    name: 'graphile-migrate',
    file: (index, sql, alone) => {
      if (index === 1) previous = '-';
      const body = alone ? `--! no-transaction\n${sql}` : sql;
      const hash = `sha1:${graphileHash(previous, body)}`;
      const text = `--! Previous: ${previous}\n--! Hash: ${hash}\n\n${body}\n`;
      previous = hash;
      return { file: `migrations/committed/${String(index).padStart(6, '0')}.sql`, text };
    },
    prepare: (folder) => writeFileSync(path.join(folder, '.gmrc'), '{}'),
    command: (_folder, url) => ({
      argv: [node, inModules('graphile-migrate/dist/cli.js'), 'migrate'],
      // It refuses to start without the other two, which migrating does not use.
      env: { DATABASE_URL: url, ROOT_DATABASE_URL: `${url}_r`, SHADOW_DATABASE_URL: `${url}_s` },
    }),
  };
})();

/** sha1 of the hash before and the body, as graphile-migrate chains them. */
function graphileHash(previous: string, body: string): string {
  const before = previous === '-' ? '' : previous;
  return createHash('sha1')
    .update(`${`${before}\n${body.trim()}`.trim()}\n`)
    .digest('hex');
}

/** What no migrator on Node can be faster than: the driver connects, asks once and goes. */
export const nodeWithPg: Migrator = {
  name: 'Node and pg, one question',
  file: plain,
  prepare: (folder) => writeFileSync(path.join(folder, 'run.mjs'), questionProgram),
  command: (_folder, url) => ({ argv: [node, 'run.mjs'], env: { DATABASE_URL: url } }),
};

const umzug: Migrator = {
  name: 'umzug',
  file: plain,
  prepare: (folder) => writeFileSync(path.join(folder, 'run.mjs'), umzugProgram),
  command: (_folder, url) => ({ argv: [node, 'run.mjs'], env: { DATABASE_URL: url } }),
};

const postgrator: Migrator = {
  name: 'postgrator',
  file: (index, sql) => ({ file: `migrations/${padded(index)}.do.m.sql`, text: sql }),
  prepare: (folder) => writeFileSync(path.join(folder, 'run.mjs'), postgratorProgram),
  command: (_folder, url) => ({ argv: [node, 'run.mjs'], env: { DATABASE_URL: url } }),
};

function psql(binDir: string): Migrator {
  return {
    name: 'psql, one process',
    file: plain,
    prepare: () => {},
    command: (folder, url) => ({
      argv: ['sh', '-c', `cat migrations/*.sql | ${binDir}/psql -X -q -o /dev/null -v ON_ERROR_STOP=1`],
      env: { ...libpq(url), PGAPPNAME: folder },
    }),
  };
}

function libpq(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
  };
}

const importOf = (name: string, file: string): string =>
  `import ${name} from ${JSON.stringify(inModules(file))};`;

const questionProgram = `${importOf('pg', 'pg/lib/index.js')}
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query('SELECT 1');
await client.end();
`;

/** umzug has no storage for PostgreSQL: this is the one that its documentation shows. */
const umzugProgram = `${importOf('umzug', 'umzug/lib/index.js')}
${importOf('pg', 'pg/lib/index.js')}
import { readFile } from 'node:fs/promises';
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
const storage = {
  async executed() {
    await client.query('CREATE TABLE IF NOT EXISTS umzug (name text PRIMARY KEY)');
    return (await client.query('SELECT name FROM umzug ORDER BY name')).rows.map(({ name }) => name);
  },
  logMigration: ({ name }) => client.query('INSERT INTO umzug (name) VALUES ($1)', [name]),
  unlogMigration: ({ name }) => client.query('DELETE FROM umzug WHERE name = $1', [name]),
};
const runner = new umzug.Umzug({
  migrations: {
    glob: 'migrations/*.sql',
    resolve: ({ name, path }) => ({ name, up: async () => client.query(await readFile(path, 'utf8')) }),
  },
  storage,
  logger: undefined,
});
await runner.up();
await client.end();
`;

const postgratorProgram = `${importOf('Postgrator', 'postgrator/postgrator.js')}
${importOf('pg', 'pg/lib/index.js')}
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
const runner = new Postgrator({
  migrationPattern: 'migrations/*',
  driver: 'pg',
  execQuery: (query) => client.query(query),
});
await runner.migrate();
await client.end();
`;
