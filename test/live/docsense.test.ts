import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { type DocsenseDatabase, EXAMPLE, get, post, SECRET } from '../support/docsense.ts';
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

describe('configuration', () => {
  test('every problem is reported at once, without a value, and nothing starts', async () => {
    const child = run(join(EXAMPLE, 'backend'), {
      DATABASE_URL: `mysql://root:${SECRET}@db.example.com/docsense`,
      OPENAI_API_KEY: '',
      CORS_ORIGINS: 'http://app.example.com',
      DB_POOL_MIN_SIZE: '20',
      LOG_LEVEL: 'LOUD',
    });
    const { code, output } = await exited(child);
    const problem = (text: string) => `Error: Configuration validation failed: ${text}`;
    expect(output.trim().split('\n')).toEqual([
      problem('At least one AI provider API key must be configured'),
      problem('DATABASE_URL must look like postgresql://user:password@host:port/database'),
      problem('CORS_ORIGINS must use https in production'),
      problem('LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR'),
      problem('DB_POOL_MIN_SIZE must not be larger than DB_POOL_MAX_SIZE'),
    ]);
    expect(code).toBe(1);
  });
});

/** The projector waits for the append lock, which the open transaction has. */
const READER_WAITS = `SELECT count(*)::int AS waiting FROM pg_locks
  WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describe('documents', () => {
  test('an event becomes a document, before and after migration 002', async () => {
    const { url } = await start();
    expect(await post(url, { id: 'a', title: 'One' })).toMatchObject({
      status: 201,
      body: { id: 'a', title: 'One' },
    });
    const document = await until(
      async () => (await get(`${url}/documents/a`)).status === 200 && get(`${url}/documents/a`),
    );
    expect(document.body).toMatchObject({ title: 'One', source: null });

    await apply('migrations/002_document_source.sql');
    expect((await get(`${url}/documents/a`)).body.source).toBe('upload');
    await post(url, { id: 'a', title: 'Two' });
    await until(async () => (await get(`${url}/documents/a`)).body.title === 'Two');
    expect((await get(`${url}/documents`)).body.documents).toHaveLength(1);
  });

  test('the same Idempotency-Key appends once, and never stands for another document', async () => {
    const { url } = await start();
    const answers = await Promise.all([1, 2, 3].map(() => post(url, { title: 'Once' }, 'key-1')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect((await post(url, { title: 'Other' }, 'key-1')).status).toBe(422);
    expect((await database.query('SELECT FROM events')).rowCount).toBe(1);
  });

  test('two instances under concurrent writes lose no event', async () => {
    const urls = [(await start()).url, (await start()).url];
    const total = 300;
    const numbers = Array.from({ length: total }, (_, n) => n);
    const answers = await Promise.all(
      numbers.map((n) => post(urls[n % 2] as string, { title: `Document ${n}` })),
    );
    expect(answers.every((answer) => answer.status === 201)).toBe(true);
    const count = async () => (await database.query('SELECT FROM documents')).rowCount;
    await until(async () => (await get(`${urls[0]}/health/projections`)).body.projections[0].lag === 0);
    expect(await count()).toBe(total);
  });

  test('an event that commits after a later one is not skipped', async () => {
    const { url } = await start();
    const early = await database.connect();
    await early.query('BEGIN; SELECT pg_advisory_xact_lock_shared(4701266)');
    await early.query(
      `INSERT INTO events (event_id, stream_id, type, data) VALUES ('e', 'early', 'DocumentSaved', '{"title": "E"}')`,
    );
    await post(url, { id: 'late', title: 'L' });
    await until(async () => (await database.query(READER_WAITS)).rows[0].waiting > 0);
    await early.query('COMMIT');
    early.release();
    await until(async () => (await get(`${url}/documents/late`)).status === 200);
    expect((await get(`${url}/documents/early`)).status).toBe(200);
  });

  test('a bad event is set aside and counted, and the next one is applied', async () => {
    const { url } = await start();
    await database.query(
      "INSERT INTO events (event_id, stream_id, type, data) VALUES ('e', 'bad', 'DocumentSaved', '{}')",
    );
    await post(url, { id: 'good', title: 'Good' });
    await until(async () => (await get(`${url}/documents/good`)).status === 200);
    expect((await get(`${url}/admin/projections/status`)).body).toMatchObject({ failed_projections: 1 });
    expect((await get(`${url}/metrics`)).body).toMatch(
      /^projection_failures_total{projection="documents",.*} 1$/m,
    );
    expect((await get(`${url}/health/projections`)).body.projections).toEqual([
      { name: 'documents', status: 'healthy', lag: 0 },
    ]);
  });
});
