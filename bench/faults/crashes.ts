import type { Postgres } from '@slipway/test-services';
import { startTcpProxy } from '../../test/support/tcp-proxy.ts';
import { type Complaint, type Fault, first, holds, refused, traced, wentWell } from './judge.ts';
import { owner, type Site } from './site.ts';

const asleep =
  "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())";
/** The server ends what a dead client began in its own time; a run after it is the kindest case. */
const orphansGone = `NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = '${owner.user}' AND datname = current_database())`;

const slow = (index: number): string => traced(index, 'SELECT pg_sleep(1.5);\n');

const killedInFile: Fault = {
  title: 'SIGKILL in the middle of a file, then run again',
  async judge(site) {
    site.write(1, traced(1));
    site.write(2, slow(2));
    site.write(3, traced(3));
    const { child, result } = site.start();
    if (!(await site.until(asleep, result))) return wentWell(await result);
    child.kill('SIGKILL');
    await result;
    await site.until(orphansGone);
    return first(wentWell(await site.migrate(), 're-run'), () => holds(site, [1, 2, 3]));
  },
};

const index = 'CREATE INDEX CONCURRENTLY a1_id ON a1 (id);';

const killedInIndex: Fault = {
  title: 'SIGKILL in the middle of CREATE INDEX CONCURRENTLY, then run again',
  async judge(site) {
    site.write(1, traced(1));
    const before = wentWell(await site.migrate());
    if (before) return before;
    // So that the server notices that its client is dead, and leaves the index invalid instead of completing it.
    await site.admin.query(`ALTER DATABASE ${site.database} SET client_connection_check_interval = '200ms'`);
    const application = await site.connect();
    await application.query('BEGIN; INSERT INTO a1 VALUES (1)');
    site.write(2, index, true);
    const { child, result } = site.start();
    const begun = "EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('a1_id'))";
    if (!(await site.until(begun, result))) return wentWell(await result);
    child.kill('SIGKILL');
    await result;
    await site.until(orphansGone);
    await application.query('COMMIT');
    return first(wentWell(await site.migrate(), 're-run'), () => indexIsGood(site));
  },
};

const concurrentIndex: Fault = {
  title: 'CREATE INDEX CONCURRENTLY in a file',
  async judge(site) {
    site.write(1, traced(1));
    site.write(2, index, true);
    return first(wentWell(await site.migrate()), () => indexIsGood(site));
  },
};

async function indexIsGood(site: Site): Promise<Complaint> {
  const { rows } = await site.admin.query(
    "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('a1_id')",
  );
  if (rows.length === 0) return 'no index, exit code 0';
  if (!rows[0].valid) return 'index invalid, exit code 0';
  return (await site.recorded()).includes(2) ? undefined : 'index not recorded';
}

const cut = (postgres: Postgres): Fault => ({
  title: 'connection cut while a file runs, then run again',
  async judge(site) {
    const proxy = await startTcpProxy(postgres);
    try {
      site.write(1, traced(1));
      site.write(2, slow(2));
      const { result } = site.start(proxy.through(site.url));
      if (!(await site.until(asleep, result))) return wentWell(await result);
      // The next that goes through: usually the answer to the file.
      proxy.cutAt(1);
      const end = await result;
      await site.until(orphansGone);
      return first(
        end.code === 0 ? undefined : refused(end, /connection|terminated|reset|EOF/i, 'cause not named'),
        async () => wentWell(await site.migrate(), 're-run'),
        () => holds(site, [1, 2]),
      );
    } finally {
      await proxy.stop();
    }
  },
});

/** What breaks off in the middle. */
export const crashes = (postgres: Postgres): Fault[] => [
  killedInFile,
  killedInIndex,
  concurrentIndex,
  cut(postgres),
];
