import { beforeEach, expect, test } from '@jest/globals';
import { backUp, restoreDatabase } from '@slipway/backup';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';
import { awkward, backupOptions, fillEvents, restoreOptions } from '../support/backups.ts';
import { folderEach } from '../support/folder.ts';
import { databaseEach, type OwnDatabase, withClient } from '../support/postgres.ts';

let postgres: Postgres;
let folder: string;
let name: string;
let url: string;
let connect: OwnDatabase['connect'];

databaseEach(
  (own) => {
    ({ postgres, name, url, connect } = own);
  },
  { name: 'Doc "sense"', owner: awkward },
);
folderEach((empty) => {
  folder = empty;
});
beforeEach(async () => {
  // Owner and CREATEDB, as a migration user has it; no superuser.
  await postgres.allowCreateDatabase(awkward.user);
  await withClient(url, (client) => fillEvents(client, 500));
});

function ask(database: string, sql: string, superuser = false): Promise<unknown> {
  return withClient(superuser ? postgres.url(database) : postgres.url(database, awkward), async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });
}

const databaseNames = async (): Promise<string[]> =>
  (await ask(
    'postgres',
    `SELECT array_agg(datname::text ORDER BY datname) FROM pg_database WHERE starts_with(datname, '${name}')`,
  )) as string[];

const options = (more: Parameters<typeof restoreOptions>[1] = {}) =>
  restoreOptions(backupOptions({ postgres, url, to: folder }), more);

/** The database after a backup, with things that happened since. */
async function livedOn(): Promise<void> {
  await backUp(backupOptions({ postgres, url, to: folder }));
  await ask(name, `INSERT INTO events (stream_id, data) SELECT 'later', '{}' FROM generate_series(1, 37)`);
  await ask(name, 'DELETE FROM "Odd schema"."Täble ""x"""');
  await ask(name, "UPDATE projection_checkpoints SET position = 537 WHERE projection = 'documents'");
  await ask(name, 'CREATE TABLE newcomer AS SELECT 1 AS id');
}

test('without confirmation it proves, reports what would be lost, and changes nothing', async () => {
  await livedOn();
  const given = options();
  const result = await restoreDatabase(given);
  expect(result).toMatchObject({
    swapped: false,
    database: name,
    loss: {
      events: { lost: 37, from: '501', to: '537' },
      tables: [
        { name: '"Odd schema"."Täble ""x"""', before: 3, now: 0 },
        { name: 'public.events', before: 500, now: 537 },
        { name: 'public.newcomer', before: null, now: 1 },
        { name: 'public.projection_checkpoints', before: 1, now: 1 },
      ],
    },
  });
  expect(given.log.lines.join('\n')).toMatch(
    /37 events of public\.events were written after .* \(positions 501 to 537\)/,
  );
  expect(await databaseNames()).toEqual([name]);
  expect(await ask(name, 'SELECT count(*)::int FROM events')).toBe(537);
});

test('a confirmation of another name is refused before anything happens', async () => {
  await backUp(backupOptions({ postgres, url, to: folder }));
  await expect(restoreDatabase(options({ confirm: 'production' }))).rejects.toMatchObject({
    name: 'UserError',
    message: `the restore is confirmed for "production", but the database is "${name}"`,
  });
});

test('the restored database takes over while the application hammers the old one, which is retained', async () => {
  await livedOn();
  const quoted = pg.escapeIdentifier(name);
  await ask('postgres', `ALTER DATABASE ${quoted} SET search_path = "Odd schema", public`, true);
  await ask('postgres', `ALTER DATABASE ${quoted} SET statement_timeout = '61s'`, true);
  await ask('postgres', `REVOKE CONNECT ON DATABASE ${quoted} FROM PUBLIC`, true);
  await ask('postgres', `COMMENT ON DATABASE ${quoted} IS 'ours'`, true);
  let running = true;
  const application = (async () => {
    while (running)
      await ask(name, "INSERT INTO events (stream_id, data) VALUES ('live', '{}')").catch(() => undefined);
  })();
  const result = await restoreDatabase(options({ confirm: name })).finally(async () => {
    running = false;
    await application;
  });
  if (!result.swapped) throw new Error('not swapped');
  expect(await databaseNames()).toEqual([name, result.old]);
  // Everything that the old one had is in it; nothing was written to it after the report.
  const lost = result.loss.events?.lost ?? 0;
  expect(lost).toBeGreaterThan(37);
  await ask('postgres', `ALTER DATABASE ${pg.escapeIdentifier(result.old)} ALLOW_CONNECTIONS true`);
  expect(await ask(result.old, 'SELECT count(*)::int FROM events')).toBe(500 + lost);
  expect(await ask(name, "SELECT count(*)::int FROM events WHERE stream_id = 'later'")).toBe(0);
  expect(await ask(name, "SELECT to_regclass('newcomer')::text")).toBeNull();
  // What belongs to the database itself came along.
  expect(await ask(name, 'SHOW search_path')).toBe('"Odd schema", public');
  expect(await ask(name, 'SHOW statement_timeout')).toBe('61s');
  const own = (what: string) =>
    ask(name, `SELECT ${what} FROM pg_database WHERE datname = current_database()`);
  expect(await own("shobj_description(oid, 'pg_database')")).toBe('ours');
  expect(await own("array_to_string(datacl, ',') !~ '(^|,)=T?c'")).toBe(true);
  // A position that was given out is never given out again.
  expect(result.carried.sequences).toEqual(['public.events_global_position_seq']);
  const next = Number(
    await ask(name, "INSERT INTO events (stream_id, data) VALUES ('new', '{}') RETURNING global_position"),
  );
  expect(next).toBeGreaterThan(500 + lost);
});

test('a checkpoint beyond the restored head is set back to it', async () => {
  await ask(name, "UPDATE projection_checkpoints SET position = 900 WHERE projection = 'documents'");
  await backUp(backupOptions({ postgres, url, to: folder }));
  const result = await restoreDatabase(options({ confirm: name }));
  expect(result).toMatchObject({ swapped: true, carried: { checkpoints: 1 } });
  expect(await ask(name, 'SELECT position::int FROM projection_checkpoints')).toBe(500);
});

test('what cannot take over leaves the old database open', async () => {
  await backUp(backupOptions({ postgres, url, to: folder }));
  await connect(postgres.url(name));
  await expect(restoreDatabase(options({ confirm: name }))).rejects.toMatchObject({
    name: 'Fault',
    message: expect.stringMatching(
      /^the old database is still in use, and its sessions cannot be terminated: session \d+/,
    ),
  });
  expect(await databaseNames()).toEqual([name]);
  expect(await ask(name, 'SELECT count(*)::int FROM events')).toBe(500);
});

test('what may not take over any more when it is ready leaves the old database open', async () => {
  await backUp(backupOptions({ postgres, url, to: folder }));
  const assertMaySwap = async (): Promise<void> => {
    throw new Error('another run has the lease');
  };
  await expect(restoreDatabase({ ...options({ confirm: name }), assertMaySwap })).rejects.toThrow(
    'another run has the lease',
  );
  expect(await databaseNames()).toEqual([name]);
  expect(await ask(name, 'SELECT count(*)::int FROM events')).toBe(500);
});
