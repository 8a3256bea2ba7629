import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  baseImages,
  type Engine,
  findFreePort,
  importImage,
  type Postgres,
  provision,
  startEngine,
  startPostgres,
} from '@slipway/test-services';
import { type DocsenseDatabase, EXAMPLE, get, post, takeDatabase } from '../support/docsense.ts';
import { until } from '../support/until.ts';

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

let postgres: Postgres;
let engine: Engine;
let database: DocsenseDatabase;

const run = promisify(execFile);
const project = `docsense-${process.pid}`;
let shell: Record<string, string | undefined>;
const docker = async (...args: string[]) =>
  (await run('docker', args, { env: shell, cwd: EXAMPLE })).stdout.trim();
const compose = (...args: string[]) =>
  docker('compose', '-p', project, '-f', 'docker-compose.prod.yml', ...args);

beforeAll(async () => {
  await provision(['engine', 'compose', 'buildx', 'postgres', 'nginx'], () => {});
  engine = await startEngine(() => {});
  postgres = await startPostgres({ listen: [engine.gateway] });
  database = await takeDatabase(postgres, engine.gateway);
}, 300_000);

afterAll(async () => {
  await compose('down', '--volumes', '--rmi', 'local');
  await docker('rmi', '--force', `${project}/docsense-backend`, `${project}/docsense-frontend`);
  await database?.pool.end();
  await postgres?.stop();
  await engine?.stop();
}, 60_000);

test('nginx starts without an upstream, and serves what a reload brings', async () => {
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
    ...database.env,
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
