import { setTimeout as wait } from 'node:timers/promises';
import type { PgBouncer } from '@slipway/test-services';
import type pg from 'pg';
import { type Complaint, type Fault, first, holds, traced, wentWell } from './judge.ts';
import type { Finished, Site } from './site.ts';

const twoRunners: Fault = {
  title: 'two runners at once',
  judge: (site) => twoAtOnce(site, site.url),
};

const twoThroughPooler = (pooler: PgBouncer): Fault => ({
  title: 'two runners at once through a pooler in transaction mode',
  async judge(site) {
    const url = pooler.url(site.database);
    const advisory = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = '${site.database}')`;
    return first(
      await twoAtOnce(site, url),
      async () => ((await site.admin.query(advisory)).rowCount ? 'lock left in the pool' : undefined),
      async () => wentWell(await site.migrate(url), 're-run'),
    );
  },
});

/** The second starts while the first is in the middle of a file. */
async function twoAtOnce(site: Site, url: string): Promise<Complaint> {
  site.write(1, 'CREATE TABLE runs (file int);');
  const before = wentWell(await site.migrate(url), 'one alone');
  if (before) return before;
  site.write(2, 'INSERT INTO runs VALUES (2);\nSELECT pg_sleep(2.5);');
  site.write(3, 'INSERT INTO runs VALUES (3);');
  const one = site.start(url);
  const inFile =
    "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())";
  if (!(await site.until(inFile, one.result))) return wentWell(await one.result);
  const ends = await Promise.all([one.result, site.start(url).result]);
  const { rows } = await site.admin.query(
    'SELECT file, count(*)::int AS times FROM runs GROUP BY 1 ORDER BY 1',
  );
  const twice = rows.find(({ times }) => times > 1);
  if (twice) return `file ${twice.file} run ${twice.times} times`;
  return first(bothClear(ends), rows.length < 2 ? 'a file did not run' : undefined, async () =>
    String(await site.recorded()) === '1,2,3' ? undefined : 'versions not recorded',
  );
}

function bothClear(ends: readonly Finished[]): Complaint {
  const failed = ends.filter(({ code }) => code !== 0);
  const unclear = failed.find(({ said }) => !/already running|another migration|exclusive lock/i.test(said));
  if (unclear) return wentWell(unclear, failed.length === ends.length ? 'first' : 'second');
  return failed.length === ends.length ? 'both find it locked' : undefined;
}

const seconds = 8;

const busyTable: Fault = {
  title: `a table that is busy for ${seconds} s: readers wait < 3 s, the file is applied`,
  async judge(site) {
    site.write(1, `${traced(1)}\nINSERT INTO a1 VALUES (1);`);
    const before = wentWell(await site.migrate());
    if (before) return before;
    site.write(2, traced(2, 'ALTER TABLE a1 ADD COLUMN more int;\n'));
    const report = await site.connect();
    await report.query('BEGIN; SELECT id FROM a1');
    const over = wait(seconds * 1000).then(() => report.query('COMMIT'));
    const { result } = site.start();
    const [end, stall] = await Promise.all([result, maxReadMs(await site.connect(), result), over]);
    return first(
      wentWell(end),
      await holds(site, [1, 2]),
      stall < 3000 ? undefined : `readers wait ${(stall / 1000).toFixed(1)} s`,
    );
  },
};

/** Milliseconds that the slowest of the application's reads took, one every 50 ms, until something is over. */
async function maxReadMs(application: pg.Client, until: Promise<unknown>): Promise<number> {
  let over = false;
  const end = () => (over = true);
  until.then(end, end);
  let maxMs = 0;
  while (!over) {
    const begun = performance.now();
    await application.query('SELECT id FROM a1 LIMIT 1');
    maxMs = Math.max(maxMs, performance.now() - begun);
    await wait(50);
  }
  return maxMs;
}

/** What others do at the same time. */
export const together = (pooler: PgBouncer): Fault[] => [twoRunners, twoThroughPooler(pooler), busyTable];
