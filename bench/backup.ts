import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Postgres, provision, startPostgres } from '@slipway/test-services';
import pg from 'pg';
import { median, table } from './measure.ts';

const runs = 5;
/** About 0.9 GB of table and indexes. */
const events = 1_900_000;

/**
 * What an event holds, since how long gzip takes depends on it: words that repeat, or, as in the example of documents
 * and their versions, mostly identifiers and checksums, which nothing can make smaller.
 */
const kinds = {
  words: `jsonb_build_object('title', 'Document ' || i, 'correlation', gen_random_uuid(),
    'author', md5((i % 5000)::text), 'size', (random() * 1e6)::int, 'at', now() - i * interval '1 s',
    'tags', jsonb_build_array('a', 'b', i % 17), 'text', repeat('lorem ipsum ', i % 5))`,
  identifiers: `jsonb_build_object('documentId', md5((i % 100000)::text)::uuid, 'versionId', gen_random_uuid(),
    'correlationId', gen_random_uuid(), 'userId', md5((i % 5000)::text)::uuid, 'size', (random() * 1e6)::int,
    'sha256', encode(sha256(i::text::bytea), 'hex'), 'fileName', 'Report ' || i % 1000 || '.pdf')`,
};

interface Measured {
  seconds: number;
  /** MB of the dump as it is stored; null where it is not. */
  stored: number | null;
  /** Peak resident memory of the process that is measured, in MB; null where it is not ours. */
  peak: number | null;
  /** The same before the backup began: Node and the sources, whose types are stripped as they are loaded. */
  base: number | null;
}

/**
 * How long a proven backup of an event store takes, end to end, next to what people run by hand: `pg_dump -Fc` with its
 * defaults, which proves nothing. Every run in its own process, taking turns.
 */
export async function backup(): Promise<void> {
  await provision(['postgres'], () => {});
  const postgres = await startPostgres();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bench-backup-'));
  try {
    for (const [kind, data] of Object.entries(kinds)) await compare(postgres, folder, kind, data);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await postgres.stop();
  }
}

async function compare(postgres: Postgres, folder: string, kind: string, data: string): Promise<void> {
  await postgres.createDatabase(kind);
  const size = await fill(postgres.url(kind), data);
  const ways = waysOf(postgres, postgres.url(kind), folder);
  const results = new Map<string, Measured[]>();
  for (let run = 0; run < Number(process.env.BENCH_RUNS ?? runs); run++) {
    for (const [name, way] of ways) {
      await rm(path.join(folder, 'out'), { recursive: true, force: true });
      results.set(name, [...(results.get(name) ?? []), await way()]);
    }
  }
  console.log(`${events} events of jsonb, mostly ${kind}, ${(size / 1e6).toFixed(0)} MB in the database\n`);
  console.log(
    table(
      ['way', 's', 'MB stored', 'peak MB', 'of these before it began'],
      [...results].map(([name, all]) => row(name, all)),
    ),
  );
  console.log('');
}

function waysOf(postgres: Postgres, url: string, folder: string): Map<string, () => Promise<Measured>> {
  const out = path.join(folder, 'out');
  const ours =
    (prove: string, encrypt = false) =>
    () =>
      own(postgres, { url, out, prove, encrypt });
  return new Map([
    ['`pg_dump -Fc`, nothing proven', async () => byHand(postgres, url, out)],
    ['`pg_dump -Fc -Z0` into `pg_restore`, nothing stored', () => copied(postgres, url)],
    ['Slipway, `prove: checksum`', ours('checksum')],
    ['Slipway, `prove: decode`', ours('decode')],
    ['Slipway, `prove: restore`', ours('restore')],
    ['Slipway, `prove: restore`, encrypted', ours('restore', true)],
  ]);
}

function row(name: string, all: readonly Measured[]): string[] {
  const middle = (values: number[]): string => (values.length > 0 ? median(values).toFixed(0) : '');
  return [
    name,
    median(all.map(({ seconds }) => seconds)).toFixed(1),
    middle(all.flatMap(({ stored }) => stored ?? [])),
    middle(all.flatMap(({ peak }) => peak ?? [])),
    middle(all.flatMap(({ base }) => base ?? [])),
  ];
}

async function fill(url: string, data: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE TABLE events (global_position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      stream_id text NOT NULL, version int NOT NULL, type text NOT NULL, data jsonb NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(), UNIQUE (stream_id, version))`);
  await client.query(
    `INSERT INTO events (stream_id, version, type, data)
     SELECT 'document-' || i % 100000, i / 100000, 'DocumentChanged', ${data} FROM generate_series(1, $1::int) i`,
    [events],
  );
  await client.query('ANALYZE');
  await client.query('CHECKPOINT');
  const { rows } = await client.query('SELECT pg_database_size(current_database()) AS size');
  await client.end();
  return Number(rows[0].size);
}

function byHand(postgres: Postgres, url: string, out: string): Measured {
  const before = performance.now();
  const done = spawnSync(path.join(postgres.binDir, 'pg_dump'), ['-Fc', '-f', out, url], {
    stdio: 'inherit',
  });
  if (done.status !== 0) throw new Error('pg_dump failed');
  const seconds = (performance.now() - before) / 1000;
  return { seconds, stored: statSync(out).size / 1e6, peak: null, base: null };
}

/** The least that a proof by restore can take: one pass from the server to itself. */
async function copied(postgres: Postgres, url: string): Promise<Measured> {
  const before = performance.now();
  await postgres.createDatabase('copy');
  const script = '"$BIN/pg_dump" -Fc -Z0 "$FROM" | "$BIN/pg_restore" --exit-on-error --no-owner -d "$TO"';
  const done = spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    stdio: 'inherit',
    env: { ...process.env, BIN: postgres.binDir, FROM: url, TO: postgres.url('copy') },
  });
  if (done.status !== 0) throw new Error('the copy failed');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('DROP DATABASE copy');
  await client.end();
  return { seconds: (performance.now() - before) / 1000, stored: null, peak: null, base: null };
}

/** In its own process, since the highest memory of a process never goes down again. */
async function own(
  postgres: Postgres,
  of: { url: string; out: string; prove: string; encrypt: boolean },
): Promise<Measured> {
  const settings = JSON.stringify({ binDir: postgres.binDir, ...of });
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'backup-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, BACKUP: settings },
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the backup failed: ${said}`);
  return JSON.parse(said);
}

if (process.argv[1] === import.meta.filename) await backup();

/** Peak resident memory of this process so far, in MB, as Linux reports it. */
export function peakMemory(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1000;
}
