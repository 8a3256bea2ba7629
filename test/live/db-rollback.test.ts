import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { DatabaseUrl, Redactor, systemClock } from '@slipway/kernel';
import { readContractMigrations } from '@slipway/migrations';
import type { ReleaseEntry } from '@slipway/release';
import { type DatabaseContext, refuseUnlisted } from '../../actions/rollback/src/contract-migrations.ts';
import { listen, type RecordingLog } from '../support/backups.ts';
import { type MigrationFixture, migrationFixtureEach, owner } from '../support/migrations.ts';
import { releaseEntry } from '../support/releases.ts';

/*
 * What a rollback by hand learns from the database when a release applied a contract migration and exited before it was
 * rolled out.
 */

let fixture: MigrationFixture;
let log: RecordingLog;
let warnings: string[];

migrationFixtureEach((given) => {
  fixture = given.fixture;
  warnings = [];
  log = {
    ...listen(),
    annotate: ({ level, message }) => {
      warnings.push(`${level}: ${message}`);
    },
  };
}, []);

/** How long ago the release was proven that comes back. */
const hour = 3600_000;
const proven = (contracts?: string[], ago = hour): ReleaseEntry =>
  releaseEntry({
    sequence: 1,
    provenAt: new Date(Date.now() - ago).toISOString(),
    ...(contracts ? { contracts } : {}),
  });

/** @returns what it says when the answer is unknown, null when nothing is against going back. */
function ask(
  proof: ReleaseEntry,
  env: Record<string, string> = {},
  other: Partial<DatabaseContext> = {},
): Promise<string | null> {
  const file = '.github/slipway.yml';
  const text = readFileSync(path.join(fixture.workspace, file), 'utf8');
  // Of the backup nothing is set.
  const variables = { DATABASE_URL: fixture.url, ...env };
  const context: DatabaseContext = {
    readConfig: (uses) => loadConfig({ file, text, environment: 'production', env: variables, uses }),
    redactor: new Redactor(),
    signal: new AbortController().signal,
    clock: systemClock,
    log,
    ...other,
  };
  return refuseUnlisted(context, proof, '1.0.0');
}
const unknown = (why: RegExp) =>
  expect.stringMatching(
    new RegExp(`^Whether 1\\.0\\.0 can run on the schema is unknown: ${why.source}.*\\.$`),
  );

const migrate = async (): Promise<unknown> =>
  (await fixture.migrate({ inputs: { backup: 'never' } })).outputs.outcome;

describe('after a release that applied a contract migration and failed', () => {
  beforeEach(async () => {
    fixture.addMigration('001_t.sql', 'CREATE TABLE t (a int);');
    fixture.addMigration('002_drop.sql', '-- slipway: contract\nALTER TABLE t DROP COLUMN a;');
    fixture.addMigration('003_bad.sql', 'SELECT 1 / 0;');
    expect(await migrate()).toBe('failed');
  });

  test('it is refused, unless the one that comes back lists the contract migration or was proven after it', async () => {
    const refusal = {
      name: 'UserError',
      message: 'the journal has the contract migration 002, which 1.0.0 is not known to have run on',
      hint: expect.stringMatching(/delete its row from slipway_migrations, or set "force: true"/),
    };
    for (const proof of [proven([]), proven()]) await expect(ask(proof)).rejects.toMatchObject(refusal);
    for (const proof of [proven(['002']), proven([], 0), proven(undefined, 0)])
      expect(await ask(proof)).toBeNull();
    // Where tools have their version tables in a separate schema, the journal is there as well.
    await fixture.database.query('CREATE SCHEMA sqitch; ALTER TABLE slipway_migrations SET SCHEMA sqitch');
    await expect(ask(proven([]))).rejects.toMatchObject(refusal);
    expect(warnings).toEqual([]);
  });

  test('another application in the same database hides none of it', async () => {
    const refused = { message: expect.stringContaining('the contract migration 002, which') };
    for (const schema of ['drizzle', 'sqitch'])
      await fixture.database.query(
        `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.slipway_migrations (LIKE slipway_migrations)`,
      );
    await fixture.ask(`REVOKE ALL ON drizzle.slipway_migrations FROM ${owner.user}`);
    await fixture.ask(`REVOKE ALL ON SCHEMA sqitch FROM ${owner.user}`);
    await expect(ask(proven([]))).rejects.toMatchObject(refused);
    await fixture.ask(`REVOKE ALL ON slipway_migrations FROM ${owner.user}`);
    const all = /the database user may not read .*\.slipway_migrations, .*\.slipway_migrations, /;
    expect(await ask(proven([]))).toEqual(unknown(all));
  });

  test('where the configuration says the format, only its own journal counts', async () => {
    await fixture.database.query(
      'CREATE SCHEMA sqitch; CREATE TABLE sqitch.slipway_migrations (LIKE slipway_migrations)',
    );
    fixture.configure('migrations: {format: sqitch}');
    expect(await ask(proven([]))).toBeNull();
    await fixture.ask('INSERT INTO sqitch.slipway_migrations SELECT * FROM slipway_migrations');
    await fixture.ask('DROP TABLE slipway_migrations');
    await expect(ask(proven([]))).rejects.toThrow('has the contract migration 002');
    fixture.replaceConfig('sqitch', 'plain');
    expect(await ask(proven([]))).toEqual(unknown(/the database has no table slipway_migrations/));
  });

  test('a repeatable one counts again when it was run again, whatever the state lists', async () => {
    await fixture.ask("UPDATE slipway_migrations SET version = 'R__views' WHERE version = '002'");
    await expect(ask(proven(['R__views']))).rejects.toThrow('has the contract migration R__views, which');
    expect(await ask(proven(['R__views'], 0))).toBeNull();
  });

  test('a defect of ours is not taken for a database that is away', async () => {
    const defect = () => {
      throw new TypeError('undefined is not a function');
    };
    const why = /a bug in Slipway; please report it: TypeError: undefined is not a function/;
    expect(await ask(proven(), {}, { readConfig: defect })).toEqual(unknown(why));
  });

  test('what keeps the database from answering is reported, and keeps nobody from going back', async () => {
    const without = { DATABASE_URL: '' };
    expect(await ask(proven(), without)).toEqual(
      unknown(/\.github\/slipway\.yml:.*DATABASE_URL, which is empty/),
    );
    const nothingThere = { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/db' };
    expect(await ask(proven(), nothingThere)).toEqual(
      unknown(/cannot connect to the database: nothing listens/),
    );
    const holder = await fixture.connect();
    await holder.query('BEGIN; LOCK TABLE slipway_migrations');
    expect(await ask(proven())).toEqual(unknown(/public\.slipway_migrations cannot be read: .*lock timeout/));
    await holder.query('ROLLBACK');
    await fixture.ask(`REVOKE ALL ON slipway_migrations FROM ${owner.user}`);
    expect(await ask(proven())).toEqual(unknown(/the database user may not read public\.slipway_migrations/));
    await fixture.ask('DROP TABLE slipway_migrations');
    expect(await ask(proven())).toEqual(unknown(/the database has no table slipway_migrations/));
    expect(warnings).toHaveLength(5);
    for (const warning of warnings) {
      expect(warning).toMatch(
        /^warning: Whether .*\. Only the state of the target decides\. To have the database checked/,
      );
      // Hints from elsewhere speak of a step that was refused.
      expect(warning).not.toMatch(/Nothing was done|Run it again|Migrate as the owner/);
    }
  });
});

test('a server that does not answer is given up in time', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = silent.address() as { port: number };
    const url = DatabaseUrl.parse(`postgresql://u:p@127.0.0.1:${port}/db`);
    const asked = readContractMigrations({
      url,
      timeoutMs: 300,
      signal: new AbortController().signal,
      redactor: new Redactor(),
    });
    await expect(asked).rejects.toThrow('cannot connect to the database: the server did not answer in time');
  } finally {
    silent.close();
  }
});

test('without a database there is nothing to ask', async () => {
  fixture.write('.github/slipway.yml', 'app: docsense\nservices: {backend: {image: a/b}}\n');
  expect(await ask(proven())).toBeNull();
});

describe('of migrations that a program runs', () => {
  const apply = (...versions: string[]): Promise<unknown> =>
    fixture.ask(`INSERT INTO schema_migrations SELECT unnest(ARRAY['${versions.join("','")}'])`);
  beforeEach(async () => {
    fixture.configure('migrations:\n  command: [sh, -c, "true"]\n  contract-migrations: []');
    await fixture.ask('CREATE TABLE schema_migrations (version text)');
    await apply('0001', '0002');
  });
  const name = (versions: string): void =>
    fixture.replaceConfig('contract-migrations: []', `contract-migrations: [${versions}]`);

  test('those that are named so and applied', async () => {
    expect(await ask(proven(), { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/db' })).toBeNull();
    name('"0003", "0004"');
    expect(await ask(proven())).toBeNull();
    await apply('0003');
    expect(await ask(proven(['0003']))).toBeNull();
    await expect(ask(proven(['0004']))).rejects.toThrow(
      'the version table has the contract migration 0003, which 1.0.0',
    );
    // A release passes with it, and is verified.
    expect(await migrate()).toBe('passed');
    expect(await ask(proven(undefined, 0))).toBeNull();
  });

  test('a table that does not list them all proves nothing, and a query that would change something changes nothing', async () => {
    name('"0003"');
    await fixture.ask("DELETE FROM schema_migrations WHERE version = '0001'");
    expect(await ask(proven([]))).toEqual(unknown(/no version table lists all applied migrations/));
    const sql = 'DELETE FROM schema_migrations RETURNING version';
    fixture.replaceConfig('contract-migrations:', `versions: ${sql}\n    contract-migrations:`);
    expect(await ask(proven([]))).toEqual(unknown(/cannot list the applied versions: .*read-only/));
    expect(await fixture.versions()).toEqual(['0002']);
  });
});
