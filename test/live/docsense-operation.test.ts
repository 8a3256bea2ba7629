import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { type DocsenseDatabase, EXAMPLE, get, post } from '../support/docsense.ts';
import { type BackendFixture, backendEach, exited } from '../support/docsense-backend.ts';
import { until } from '../support/until.ts';

let database: pg.Pool;
let run: BackendFixture['run'];
let start: BackendFixture['start'];
let apply: DocsenseDatabase['apply'];

backendEach((fixture) => {
  ({ run, start } = fixture);
  ({ pool: database, apply } = fixture.database);
});

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** A copy of the backend with a fault built in, as a release would carry it. */
async function withFault(word: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'docsense-'));
  folders.push(folder);
  await cp(join(EXAMPLE, 'backend'), folder, { recursive: true });
  await writeFile(join(folder, 'FAULT'), `${word}\n`);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Lets every reader of the documents wait until the answer is called. */
async function blockDocuments(): Promise<() => Promise<void>> {
  const client = await database.connect();
  await client.query('BEGIN; LOCK TABLE documents IN ACCESS EXCLUSIVE MODE');
  return async () => {
    await client.query('ROLLBACK');
    client.release();
  };
}

const WAITING = `SELECT count(*)::int AS waiting FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'SELECT * FROM documents%'`;

describe('operation', () => {
  test('metrics count API traffic, and no probe', async () => {
    const { url } = await start();
    for (const path of ['/health', '/version', '/health/db', '/metrics'])
      expect((await get(url + path)).status).toBe(200);
    await post(url, { title: 'Counted' });
    await post(url, { title: '' });
    const { body } = await until(async () => {
      const metrics = await get(`${url}/metrics`);
      return /status="400"/.test(metrics.body) && metrics;
    });
    const samples = (name: string): string[] =>
      body.split('\n').filter((line: string) => line.startsWith(`${name}{`));
    expect(samples('http_requests_total').map((line) => line.replace(/,instance=".+"/, ''))).toEqual([
      'http_requests_total{method="POST",route="/documents",status="201"} 1',
      'http_requests_total{method="POST",route="/documents",status="400"} 1',
    ]);
    expect(samples('http_request_duration_seconds_bucket').find((line) => line.includes('le="1"'))).toMatch(
      / 2$/,
    );
    expect(samples('projection_failures_total')[0]).toMatch(/ 0$/);
  });

  test('a database that hangs makes it unhealthy, with the reason', async () => {
    const { url } = await start();
    const unblock = await blockDocuments();
    const sick = await get(`${url}/health`);
    await unblock();
    expect(sick).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', reason: expect.stringContaining('1000 ms') },
    });
    expect(await get(`${url}/health`)).toMatchObject({ status: 200, body: { status: 'healthy' } });
  });

  test('SIGTERM: the request in hand is answered, a new one is not taken, exit 0', async () => {
    const { child, url } = await start();
    const end = exited(child);
    const unblock = await blockDocuments();
    const inHand = get(`${url}/documents`);
    await until(async () => (await database.query(WAITING)).rows[0].waiting > 0);
    child.kill('SIGTERM');
    await until(() =>
      get(`${url}/version`).then(
        () => false,
        () => true,
      ),
    );
    await unblock();
    const answer = await inHand;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect((await end).code).toBe(0);
  });

  test('migration 003_broken fails in its second statement and leaves no trace', async () => {
    await expect(apply('faults/003_broken.sql')).rejects.toThrow('detected_language');
    const { rows } = await database.query(
      "SELECT FROM information_schema.columns WHERE column_name = 'language'",
    );
    expect(rows).toHaveLength(0);
  });
});

describe('broken on purpose', () => {
  test('crash: a configuration error and exit 1', async () => {
    const { code, output } = await exited(run(await withFault('crash')));
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('Configuration validation failed: '),
    });
  });

  test.each([
    ['wrong-version', '/version', [200, 200], { version: '0.0.0' }],
    ['sick', '/health', [503, 503], { status: 'unhealthy' }],
    ['errors@0', '/documents', [200, 200, 200, 500, 200, 200, 500, 200, 200, 500], undefined],
  ])('%s: GET %s', async (fault, path, statuses, body) => {
    const { url } = await start(await withFault(fault));
    const answers = [];
    for (const _ of statuses) answers.push(await get(url + path));
    expect(answers.map((answer) => answer.status)).toEqual(statuses);
    if (body) expect(answers[0]?.body).toMatchObject(body);
  });

  test('projections@0: a failure is recorded', async () => {
    const { url } = await start(await withFault('projections@0'));
    await until(async () => (await get(`${url}/admin/projections/status`)).body.failed_projections === 1);
  });
});
