import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Postgres, provision, startPostgres } from '@slipway/real-parts';
import pg from 'pg';
import { median, table } from './measure.ts';

const runs = 5;
/** About 0.9 GB of table and indexes. */
const events = 1_900_000;

interface Measured {
  seconds: number;
  /** Peak resident memory of the process that is measured, in MB; null where it is not ours. */
  peak: number | null;
  /** The same before the backup began: Node and the sources, whose types are stripped as they are loaded. */
  base: number | null;
}

/**
 * How long a proven backup of an event store takes, end to end, beside what people run by hand: `pg_dump -Fc` with its
 * defaults, which proves nothing. Every run in a process of its own, taking turns.
 */
export async function backup(): Promise<void> {
  await provision(['postgres'], () => {});
  const postgres = await startPostgres();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bench-backup-'));
  try {
    const size = await fill(postgres);
    const ways = waysOf(postgres, folder);
    const results = new Map<string, Measured[]>();
    for (let run = 0; run < Number(process.env.BENCH_RUNS ?? runs); run++) {
      for (const [name, way] of ways) {
        await rm(path.join(folder, 'out'), { recursive: true, force: true });
        results.set(name, [...(results.get(name) ?? []), await way()]);
      }
    }
    console.log(`${events} events of jsonb, ${(size / 1e6).toFixed(0)} MB in the database\n`);
    console.log(
      table(
        ['way', 's', 'peak MB'],
        [...results].map(([name, all]) => row(name, all)),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
    await postgres.stop();
  }
}

function waysOf(postgres: Postgres, folder: string): Map<string, () => Promise<Measured>> {
  const out = path.join(folder, 'out');
  const ours =
    (prove: string, key = '') =>
    () =>
      own(postgres, { out, prove, key });
  return new Map([
    ['`pg_dump -Fc`, nothing proven', async () => byHand(postgres, out)],
    ['Slipway, `prove: checksum`', ours('checksum')],
    ['Slipway, `prove: decode`', ours('decode')],
    ['Slipway, `prove: restore`', ours('restore')],
    ['Slipway, `prove: restore`, encrypted', ours('restore', '5f'.repeat(32))],
  ]);
}

function row(name: string, all: readonly Measured[]): string[] {
  const middle = (values: number[]): string => (values.length > 0 ? median(values).toFixed(0) : '');
  return [
    name,
    median(all.map(({ seconds }) => seconds)).toFixed(1),
    middle(all.flatMap(({ peak }) => peak ?? [])),
    middle(all.flatMap(({ base }) => base ?? [])),
  ];
}

async function fill(postgres: Postgres): Promise<number> {
  await postgres.createDatabase('events');
  const client = new pg.Client({ connectionString: postgres.url('events') });
  await client.connect();
  await client.query(`
    CREATE TABLE events (global_position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      stream_id text NOT NULL, version int NOT NULL, type text NOT NULL, data jsonb NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(), UNIQUE (stream_id, version))`);
  await client.query(
    `INSERT INTO events (stream_id, version, type, data)
     SELECT 'document-' || i % 100000, i / 100000, 'DocumentChanged', jsonb_build_object('title', 'Document ' || i,
       'correlation', gen_random_uuid(), 'author', md5((i % 5000)::text), 'size', (random() * 1e6)::int,
       'at', now() - i * interval '1 s', 'tags', jsonb_build_array('a', 'b', i % 17),
       'text', repeat('lorem ipsum ', i % 5))
     FROM generate_series(1, $1::int) i`,
    [events],
  );
  await client.query('ANALYZE');
  await client.query('CHECKPOINT');
  const { rows } = await client.query('SELECT pg_database_size(current_database()) AS size');
  await client.end();
  return Number(rows[0].size);
}

function byHand(postgres: Postgres, out: string): Measured {
  const before = performance.now();
  const done = spawnSync(path.join(postgres.binDir, 'pg_dump'), ['-Fc', '-f', out, postgres.url('events')], {
    stdio: 'inherit',
  });
  if (done.status !== 0) throw new Error('pg_dump failed');
  return { seconds: (performance.now() - before) / 1000, peak: null, base: null };
}

/** In a process of its own, since the highest memory of a process never goes down again. */
async function own(postgres: Postgres, of: { out: string; prove: string; key: string }): Promise<Measured> {
  const settings = JSON.stringify({ url: postgres.url('events'), binDir: postgres.binDir, ...of });
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

/** Peak resident memory of this process so far, in MB, as Linux tells it. */
export function peakMemory(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1000;
}
