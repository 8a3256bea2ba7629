import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { createExec, Redactor } from '@slipway/kernel';
import type { FormatName } from '@slipway/migrations';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { root } from './action.ts';
import type { Files } from './migration-folder.ts';

/** A migration tool as teams use it. */
interface MigrationTool {
  name: string;
  format: FormatName;
  /** The first files of four migrations: each creates a table `t1` … `t4`, and fails when it runs twice. */
  files(count: number): Files;
  /** Whether a migration can be undone. */
  undoes: boolean;
  /** Applies all that is pending in the folder `migrations` of a workspace. @throws when it fails, with what it said. */
  apply(workspace: string, url: string): Promise<string>;
  /** What it says, after `apply`, when nothing is pending. */
  nothing: RegExp;
  /** What it does, or how it fails, while somebody holds its lock; undefined when it takes none. */
  locked?: 'waits' | RegExp;
}

const numbers = [1, 2, 3, 4];
/** The first files of four: name and text by the number of each. */
const numbered = (count: number, file: (number: number) => [string, string]): Files =>
  Object.fromEntries(numbers.slice(0, count).map(file));
const create = (number: number): string => `CREATE TABLE t${number} (id int, name text DEFAULT 'naïve; ✓');`;

/** Runs a program, in the workspace, with the address in its environment as each of the tools wants it. */
export async function runTool(
  argv: [string, ...string[]],
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  const exec = createExec({
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/root', ...env },
    signal: new AbortController().signal,
    redactor: new Redactor(),
  });
  const done = await exec({ argv, cwd, timeoutMs: 30_000 });
  const said = `${done.stdout.data}\n${done.stderr.data}`;
  if (!done.ok) throw new Error(said);
  return said;
}

const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name);
const script = (file: string): [string, string] => [process.execPath, path.join(root, 'node_modules', file)];

const dbmateTool: MigrationTool = {
  name: 'dbmate',
  format: 'dbmate',
  undoes: true,
  files: (count) =>
    numbered(count, (number) => [
      `2024010${number}000000_t${number}.sql`,
      `-- migrate:up\n${create(number)}\n\n-- migrate:down\nDROP TABLE t${number};\n`,
    ]),
  async apply(workspace, url) {
    const before = await runTool([bin('dbmate'), '-d', 'migrations', 'status'], workspace, secure(url));
    const said = await runTool(
      [bin('dbmate'), '--no-dump-schema', '-d', 'migrations', 'migrate'],
      workspace,
      secure(url),
    );
    return before + said;
  },
  nothing: /Pending: 0\n/,
};

/** The Go driver wants TLS unless it is switched off. */
function secure(url: string): Record<string, string> {
  return { DATABASE_URL: `${url}?sslmode=disable` };
}

const nodePgMigrateTool: MigrationTool = {
  name: 'node-pg-migrate',
  format: 'node-pg-migrate',
  undoes: true,
  files: (count) =>
    numbered(count, (number) => [
      `170000000000${number}_add-t${number}.sql`,
      `-- Up Migration\n${create(number)}\n\n-- Down Migration\nDROP TABLE t${number};\n`,
    ]),
  apply: (workspace, url) =>
    runTool([...script('node-pg-migrate/bin/node-pg-migrate.js'), 'up'], workspace, { DATABASE_URL: url }),
  nothing: /No migrations to run!/,
  locked: /Another migration is already running/,
};

/** The same with a file for each direction, which only its interface for programs accepts it. */
const nodePgMigratePairsTool: MigrationTool = {
  ...nodePgMigrateTool,
  name: 'node-pg-migrate in pairs',
  files: (count) =>
    Object.fromEntries(
      numbers.slice(0, count).flatMap((number) => [
        [`2024010${number}000000000_add-t${number}.up.sql`, `${create(number)}\n`],
        [`2024010${number}000000000_add-t${number}.down.sql`, `DROP TABLE t${number};\n`],
      ]),
    ),
  apply(workspace, databaseUrl) {
    const options = {
      databaseUrl,
      dir: path.join(workspace, 'migrations'),
      direction: 'up',
      migrationsTable: 'pgmigrations',
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: 'sql' }],
    };
    const program =
      "const { runner } = await import('node-pg-migrate'); await runner(JSON.parse(process.env.OPTIONS))";
    return runTool([process.execPath, '--input-type=module', '-e', program], root, {
      OPTIONS: JSON.stringify(options),
    });
  },
};

const graphileTool: MigrationTool = {
  name: 'graphile-migrate',
  format: 'graphile-migrate',
  undoes: false,
  files(count) {
    let previous: string | null = null;
    const files: [string, string][] = numbers.slice(0, count).map((number) => {
      const text = `${`${previous ?? ''}\n${create(number)}`.trim()}\n`;
      const hash = `sha1:${createHash('sha1').update(text).digest('hex')}`;
      const file = `--! Previous: ${previous ?? '-'}\n--! Hash: ${hash}\n\n${create(number)}\n`;
      previous = hash;
      return [`committed/00000${number}-t${number}.sql`, file];
    });
    return { ...Object.fromEntries(files), 'current.sql': '-- what comes next\n' };
  },
  apply(workspace, url) {
    writeFileSync(path.join(workspace, '.gmrc'), '{}');
    return runTool([...script('graphile-migrate/dist/cli.js'), 'migrate'], workspace, {
      DATABASE_URL: url,
      SHADOW_DATABASE_URL: `${url}_shadow`,
      ROOT_DATABASE_URL: url.replace(/[^/]*$/, 'postgres'),
    });
  },
  nothing: /Already up to date/,
  locked: /Failed to get exclusive lock/,
};

const drizzleTool: MigrationTool = {
  name: 'drizzle',
  format: 'drizzle',
  undoes: false,
  files(count) {
    const entries = numbers.slice(0, count).map((number) => ({
      idx: number - 1,
      version: '7',
      when: 1700000000000 + number,
      tag: `000${number - 1}_t${number}`,
      breakpoints: true,
    }));
    const files = numbered(count, (number) => [
      `000${number - 1}_t${number}.sql`,
      `${create(number).slice(0, -1)}\n--> statement-breakpoint\nCREATE INDEX t${number}_id ON t${number} (id);`,
    ]);
    return {
      ...files,
      'meta/_journal.json': JSON.stringify({ version: '7', dialect: 'postgresql', entries }, null, 2),
    };
  },
  async apply(workspace, url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const count = async (): Promise<number> => {
        const found = await client
          .query('SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations')
          .catch(() => ({ rows: [{ n: 0 }] }));
        return found.rows[0].n;
      };
      const before = await count();
      await migrate(drizzle(client), { migrationsFolder: path.join(workspace, 'migrations') });
      return `applied ${(await count()) - before}`;
    } finally {
      await client.end();
    }
  },
  nothing: /^applied 0$/,
};

const prismaTool: MigrationTool = {
  name: 'prisma',
  format: 'prisma',
  undoes: false,
  files: (count) => ({
    'migration_lock.toml': 'provider = "postgresql"\n',
    // Its driver for JavaScript cuts at every semicolon, even in a string.
    ...numbered(count, (number) => [
      `2024010${number}000000_t${number}/migration.sql`,
      `${create(number).replace('; ✓', ' ✓')}\r\n`,
    ]),
  }),
  apply: (workspace, url) =>
    runTool([process.execPath, path.join(root, 'test/support/prisma-deploy.ts'), 'migrations'], workspace, {
      DATABASE_URL: url,
    }),
  nothing: /^applied 0:/,
  locked: 'waits',
};

export const migrationTools = [
  dbmateTool,
  nodePgMigrateTool,
  nodePgMigratePairsTool,
  graphileTool,
  drizzleTool,
  prismaTool,
];
