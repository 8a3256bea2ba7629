import { expect, test } from '@jest/globals';
import type { Postgres } from '@slipway/test-services';
import { type MigrationFixture, makeMigrationFixture } from '../support/migrations.ts';
import { postgresForAll } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

let postgres: Postgres;

postgresForAll((started) => {
  postgres = started;
});

/** Each leaves its own table, so that the version table can be compared with what is really there. */
function addFiles(fixture: MigrationFixture): void {
  fixture.addMigration('001_one.sql', 'CREATE TABLE one (a int);\nINSERT INTO one VALUES (1);');
  fixture.addMigration('002_two.sql', 'CREATE INDEX CONCURRENTLY two ON one (a);');
  fixture.addMigration('003_three.sql', 'CREATE TABLE three (a int);');
}

async function withFixture(
  use: (fixture: MigrationFixture, proxy: TcpProxy) => Promise<void>,
): Promise<void> {
  const fixture = await makeMigrationFixture(postgres, []);
  const proxy = await startTcpProxy(postgres);
  try {
    // What is asked after the migrations are done is none of their steps.
    fixture.configure('verify: {drift: off}');
    addFiles(fixture);
    await use(fixture, proxy);
  } finally {
    await proxy.stop();
    await fixture.clear();
  }
}

const through = (fixture: MigrationFixture, proxy: TcpProxy) => ({
  inputs: { backup: 'never' },
  env: { DATABASE_URL: proxy.through(fixture.url) },
});

/** What really exists, and what the version table says. */
async function compare(fixture: MigrationFixture): Promise<{ claimed: string[]; real: string[] }> {
  const claimed = (await fixture.relation('schema_migrations')) === null ? [] : await fixture.versions();
  const real: string[] = [];
  if ((await fixture.relation('one')) !== null) real.push('001');
  if ((await fixture.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('two')")) === true)
    real.push('002');
  if ((await fixture.relation('three')) !== null) real.push('003');
  return { claimed, real };
}

test('a connection that is cut, at whatever step, leaves a database that the next run brings to its end', async () => {
  let pieces = 0;
  await withFixture(async (fixture, proxy) => {
    expect((await fixture.migrate(through(fixture, proxy))).outputs.outcome).toBe('passed');
    pieces = proxy.pieces();
  });
  expect(pieces).toBeGreaterThan(50);
  const seen = { failed: 0, passed: 0 };
  // Every third: neighbours are the two directions of one exchange, or two connections that open at the same time.
  for (let piece = 1; piece <= pieces; piece += 3) {
    await withFixture(async (fixture, proxy) => {
      proxy.cutAt(piece);
      const run = await fixture.migrate(through(fixture, proxy));
      const { claimed, real } = await compare(fixture);
      const outcome = `cut at piece ${piece} of ${pieces}: ${run.errors[0] ?? run.outputs.summary}`;
      if (run.code === 0) {
        seen.passed++;
        expect([outcome, claimed]).toEqual([outcome, ['001', '002', '003']]);
      } else {
        seen.failed++;
        expect([outcome, run.errors.length]).toEqual([outcome, 1]);
        expect(outcome).toMatch(
          /: (cannot connect to the database|.*the (connection|lock on the database) was lost)/,
        );
        expect(outcome).not.toMatch(/SQLSTATE|queryable/);
      }
      // An index that is built but not yet noted is the one step between that may be seen.
      expect([outcome, real.filter((one) => one !== '002')]).toEqual([
        outcome,
        claimed.filter((one) => one !== '002'),
      ]);
      expect([outcome, claimed.includes('002') && !real.includes('002')]).toEqual([outcome, false]);
      const again = await fixture.migrate({ inputs: { backup: 'never' } });
      expect([outcome, again.errors]).toEqual([outcome, []]);
      expect(await compare(fixture)).toEqual({ claimed: ['001', '002', '003'], real: ['001', '002', '003'] });
    });
  }
  expect(seen.failed).toBeGreaterThan(15);
}, 240_000);
