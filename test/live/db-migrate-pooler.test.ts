import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type PgBouncer, type Postgres, startPgBouncer } from '@slipway/test-services';
import { type MigrationFixture, makeMigrationFixture, owner } from '../support/migrations.ts';
import { postgresForAll } from '../support/postgres.ts';

let postgres: Postgres;
let pooler: PgBouncer;
let fixture: MigrationFixture;

postgresForAll(
  (started) => {
    postgres = started;
  },
  { needs: ['pgbouncer'] },
);
beforeAll(async () => {
  await postgres.createDatabase('first', owner);
  pooler = await startPgBouncer({ server: postgres, role: owner, mode: 'transaction' });
});
afterAll(() => pooler?.stop());
beforeEach(async () => {
  fixture = await makeMigrationFixture(postgres);
});
afterEach(() => fixture.clear());

const pooled = () => ({ env: { DATABASE_URL: pooler.url(fixture.name) } });

test('migrations in transactions run through it, and leave no setting in its connections', async () => {
  fixture.addMigration('003_path.sql', "SET search_path = ''; CREATE TABLE public.dumped (); SET ROLE NONE;");
  const run = await fixture.migrate({ ...pooled(), inputs: { backup: 'never' } });
  expect(run.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
  const application = await fixture.connect(pooler.url(fixture.name));
  const { rows } = await application.query(
    "SELECT current_setting('search_path') AS path, current_setting('lock_timeout') AS wait, current_setting('statement_timeout') AS run",
  );
  expect(rows).toEqual([{ path: '"$user", public', wait: '0', run: '0' }]);
});

test('two runs through it still wait for each other', async () => {
  fixture.addMigration('003_slow.sql', 'SELECT pg_sleep(2);');
  const first = fixture.migrate({ ...pooled(), inputs: { backup: 'never' } });
  await fixture.until("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  const second = await fixture.migrate({
    inputs: { backup: 'never' },
    env: { ...pooled().env, GITHUB_RUN_ID: '8' },
  });
  expect(second.stdout).toMatch(/waiting for another migration: session \d+/);
  expect(second.outputs.summary).toContain('The schema is at 003, nothing to do');
  expect((await first).outputs).toMatchObject({ outcome: 'passed', applied: '3' });
});

test('a cancelled run stops its statement at the server', async () => {
  fixture.addMigration('003_slow.sql', 'SELECT pg_sleep(60);');
  let stop = (): void => {};
  const run = fixture.migrate({
    ...pooled(),
    inputs: { backup: 'never' },
    started: (child) => {
      stop = () => child.kill('SIGINT');
    },
  });
  await fixture.until("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  stop();
  expect((await run).errors[0]).toMatch(/cancelled during migrations\/003_slow\.sql\.\nthe schema is at 002/);
  expect(await fixture.ask("SELECT true FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).toBeUndefined();
});

test('what needs a dedicated session is refused, and goes past it by the direct address', async () => {
  const refused = await fixture.migrate(pooled());
  expect(refused.outputs.outcome).toBe('refused');
  expect(refused.errors[0]).toMatch(
    /^database\.url points to a pooler such as PgBouncer, which (gives|may give) each transaction a different server connection, but the backup needs a dedicated session\nSet database\.direct-url/,
  );
  fixture.addMigration('003_index.sql', 'CREATE INDEX CONCURRENTLY events_by_type ON events (type);');
  const stepwise = await fixture.migrate({ ...pooled(), inputs: { backup: 'never' } });
  expect(stepwise.errors[0]).toContain('but migrations/003_index.sql runs without a transaction');
  expect(await fixture.relation('schema_migrations')).toBeNull();

  fixture.configure('direct-url: ${DIRECT_URL}');
  const run = await fixture.migrate({ env: { ...pooled().env, DIRECT_URL: fixture.url } });
  expect(run.outputs).toMatchObject({ outcome: 'passed', 'schema-version': '003' });
});
