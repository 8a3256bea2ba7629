import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  baseImages,
  type Engine,
  findFreePort,
  importImage,
  type Postgres,
  provision,
  startEngine,
  startPostgres,
} from '@slipway/real-parts';
import pg from 'pg';

const EXAMPLE = resolve('workflows-examples/docsense');
const SECRET = 'correct-horse';

let postgres: Postgres;
let engine: Engine;
let database: pg.Pool;
let env: Record<string, string>;
/** What the service answers; each test says what it expects to find. */
type Json = ReturnType<typeof JSON.parse>;

const started: ChildProcess[] = [];
const folders: string[] = [];

async function apply(...files: string[]): Promise<void> {
  // Several statements in one message are one transaction.
  for (const file of files) await database.query(await readFile(join(EXAMPLE, file), 'utf8'));
}

async function until<T>(probe: () => Promise<T | undefined | false>, ms = 8_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe().catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${probe}`);
    await pause(25);
  }
}

function run(folder: string, extra: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['src/main.js'], {
    cwd: folder,
    env: { ...env, PORT: '0', ...extra },
  });
  started.push(child);
  return child;
}

/** Starts the backend on a port of its own choice and answers with its address, read from its log. */
async function start(folder = join(EXAMPLE, 'backend')): Promise<{ child: ChildProcess; url: string }> {
  const child = run(folder);
  child.stderr?.pipe(process.stderr);
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const entry = JSON.parse(line);
    if (entry.message !== 'listening') continue;
    child.stdout?.resume();
    return { child, url: `http://127.0.0.1:${entry.address.port}` };
  }
  throw new Error('the backend ended before it listened');
}

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}

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

async function get(url: string): Promise<{ status: number; body: Json; headers: Headers }> {
  const response = await fetch(url);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

async function post(url: string, body: unknown, key?: string): Promise<{ status: number; body: Json }> {
  const headers = { 'Content-Type': 'application/json', ...(key ? { 'Idempotency-Key': key } : {}) };
  const response = await fetch(`${url}/documents`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

beforeAll(async () => {
  await provision(['engine', 'compose', 'buildx', 'postgres', 'nginx'], () => {});
  engine = await startEngine(() => {});
  postgres = await startPostgres({ listen: [engine.gateway] });
}, 300_000);

afterAll(async () => {
  await postgres?.stop();
  await engine?.stop();
  for (const folder of folders) await rm(folder, { recursive: true });
});

beforeEach(async () => {
  const name = `docsense_${randomUUID()}`;
  await postgres.createDatabase(name);
  database = new pg.Pool({ connectionString: postgres.url(name) });
  // end() does not wait for the server to hang up; a server that stops first says so on the closing connection.
  database.on('error', () => {});
  // Twice: the schema files are applied before every deployment.
  const schemas = (await readdir(join(EXAMPLE, 'docs/database'))).map((file) => `docs/database/${file}`);
  await apply(...schemas, ...schemas, 'migrations/001_documents_projection.sql');
  env = {
    DATABASE_URL: postgres.urlVia(engine.gateway, name),
    OPENAI_API_KEY: SECRET,
    CORS_ORIGINS: 'https://app.example.com',
    DB_POOL_MIN_SIZE: '1',
    DB_POOL_MAX_SIZE: '5',
    ENVIRONMENT: 'production',
  };
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await database?.end();
});

describe('configuration', () => {
  test('every problem is told at once, without a value, and nothing starts', async () => {
    const child = run(join(EXAMPLE, 'backend'), {
      DATABASE_URL: `mysql://root:${SECRET}@db.example.com/docsense`,
      OPENAI_API_KEY: '',
      CORS_ORIGINS: 'http://app.example.com',
      DB_POOL_MIN_SIZE: '20',
      LOG_LEVEL: 'LOUD',
    });
    const { code, output } = await ended(child);
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
    await pause(300); // time enough to read past the open transaction, were that possible
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
    const end = ended(child);
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

  test('migration 003_broken fails in its second statement and leaves nothing behind', async () => {
    await expect(apply('faults/003_broken.sql')).rejects.toThrow('detected_language');
    const { rows } = await database.query(
      "SELECT FROM information_schema.columns WHERE column_name = 'language'",
    );
    expect(rows).toHaveLength(0);
  });
});

const WAITING = `SELECT count(*)::int AS waiting FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'SELECT * FROM documents%'`;

describe('broken on purpose', () => {
  test('crash: a configuration error and exit 1', async () => {
    const { code, output } = await ended(run(await withFault('crash')));
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

/** What `npm ci --omit=dev` would install, by name. */
const MODULES = [
  'pg',
  'pg-connection-string',
  'pg-int8',
  'pg-pool',
  'pg-protocol',
  'pg-types',
  'pgpass',
  'postgres-array',
  'postgres-bytea',
  'postgres-date',
  'postgres-interval',
  'split2',
  'xtend',
];

describe('containers', () => {
  const run = promisify(execFile);
  const project = `docsense-${process.pid}`;
  let shell: Record<string, string | undefined>;
  const docker = async (...args: string[]) =>
    (await run('docker', args, { env: shell, cwd: EXAMPLE })).stdout.trim();
  const compose = (...args: string[]) =>
    docker('compose', '-p', project, '-f', 'docker-compose.prod.yml', ...args);

  afterEach(async () => {
    await compose('down', '--volumes', '--rmi', 'local');
    await docker('rmi', '--force', `${project}/docsense-backend`, `${project}/docsense-frontend`);
  }, 60_000);

  test('nginx starts with nothing behind it, and serves what a reload brings', async () => {
    const base = await baseImages(engine, () => {});
    const dependencies = 'local/docsense-dependencies:1';
    const folders = Object.fromEntries(
      MODULES.map((name) => [`/app/node_modules/${name}`, resolve('node_modules', name)]),
    );
    await importImage(engine, dependencies, { folders });
    const [api, app] = [await findFreePort(), await findFreePort()];
    shell = {
      ...process.env,
      ...engine.env,
      ...env,
      REGISTRY: project,
      NGINX_IMAGE: base.nginx,
      API_PORT: String(api),
      APP_PORT: String(app),
    };
    const common = [
      '--build-arg',
      `BASE_IMAGE=${base.node}`,
      '--build-arg',
      'VERSION=4.5.6',
      '--build-arg',
      'COMMIT=abc',
    ];
    await docker(
      'buildx',
      'build',
      '-t',
      `${project}/docsense-backend`,
      ...common,
      '--build-arg',
      `DEPENDENCIES=${dependencies}`,
      'backend',
    );
    await docker('buildx', 'build', '-t', `${project}/docsense-frontend`, ...common, 'frontend');

    await compose('up', '-d', 'nginx');
    for (const port of [api, app])
      await until(async () => (await get(`http://127.0.0.1:${port}/`)).status === 502);

    await compose('up', '-d', '--wait');
    for (const service of ['backend', 'frontend']) {
      const names = (await compose('ps', '--format', '{{.Name}}', service)).split('\n');
      const servers = names.map((name) => `server ${name}:3000;`).join('\n');
      await compose(
        'exec',
        '-T',
        'nginx',
        'sh',
        '-c',
        `echo '${servers}' > /etc/nginx/upstreams/${service}.conf`,
      );
    }
    await compose('exec', '-T', 'nginx', 'nginx', '-t');
    await compose('exec', '-T', 'nginx', 'nginx', '-s', 'reload');

    const version = await until(async () => {
      const answer = await get(`http://127.0.0.1:${api}/version`);
      return answer.status === 200 && answer;
    });
    expect(version.body).toEqual({ version: '4.5.6', commit: 'abc' });
    // For a moment after a reload, workers with the old configuration still take connections.
    await until(async () => (await post(`http://127.0.0.1:${api}`, { title: 'By proxy' })).status === 201);
    const page = await until(async () => {
      const answer = await get(`http://127.0.0.1:${app}/`);
      return answer.status === 200 && answer;
    });
    expect(page.body).toContain('<meta name="version" content="4.5.6">');
    const instances = new Set<string>();
    await until(async () => {
      const { body } = await get(`http://127.0.0.1:${api}/metrics`);
      const instance = /^app_info{.*instance="(.+)"/m.exec(body)?.[1];
      if (instance) instances.add(instance);
      return instances.size === 2;
    });

    await compose('stop', 'backend');
    expect(await compose('ps', '-a', '--format', '{{.ExitCode}}', 'backend')).toBe('0\n0');
  }, 120_000);
});
