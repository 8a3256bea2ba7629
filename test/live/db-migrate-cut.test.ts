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
function addFiles(plot: MigrationFixture): void {
  plot.addMigration('001_one.sql', 'CREATE TABLE one (a int);\nINSERT INTO one VALUES (1);');
  plot.addMigration('002_two.sql', 'CREATE INDEX CONCURRENTLY two ON one (a);');
  plot.addMigration('003_three.sql', 'CREATE TABLE three (a int);');
}

async function withFixture(use: (plot: MigrationFixture, proxy: TcpProxy) => Promise<void>): Promise<void> {
  const plot = await makeMigrationFixture(postgres, []);
  const proxy = await startTcpProxy(postgres);
  try {
    // What is asked after the migrations are done is none of their steps.
    plot.configure('verify: {drift: off}');
    addFiles(plot);
    await use(plot, proxy);
  } finally {
    await proxy.stop();
    await plot.clear();
  }
}

const through = (plot: MigrationFixture, proxy: TcpProxy) => ({
  inputs: { backup: 'never' },
  env: { DATABASE_URL: proxy.through(plot.url) },
});

/** What really exists, and what the version table says. */
async function compare(plot: MigrationFixture): Promise<{ claimed: string[]; real: string[] }> {
  const claimed = (await plot.relation('schema_migrations')) === null ? [] : await plot.versions();
  const real: string[] = [];
  if ((await plot.relation('one')) !== null) real.push('001');
  if ((await plot.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('two')")) === true)
    real.push('002');
  if ((await plot.relation('three')) !== null) real.push('003');
  return { claimed, real };
}

test('a connection that is cut, at whatever step, leaves a database that the next run brings to its end', async () => {
  let pieces = 0;
  await withFixture(async (plot, proxy) => {
    expect((await plot.migrate(through(plot, proxy))).outputs.outcome).toBe('passed');
    pieces = proxy.pieces();
  });
  expect(pieces).toBeGreaterThan(50);
  const seen = { failed: 0, passed: 0 };
  // Every third: neighbours are the two directions of one exchange, or two connections that open at the same time.
  for (let piece = 1; piece <= pieces; piece += 3) {
    await withFixture(async (plot, proxy) => {
      proxy.cutAt(piece);
      const run = await plot.migrate(through(plot, proxy));
      const { claimed, real } = await compare(plot);
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
      const again = await plot.migrate({ inputs: { backup: 'never' } });
      expect([outcome, again.errors]).toEqual([outcome, []]);
      expect(await compare(plot)).toEqual({ claimed: ['001', '002', '003'], real: ['001', '002', '003'] });
    });
  }
  expect(seen.failed).toBeGreaterThan(15);
}, 240_000);
