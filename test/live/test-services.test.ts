import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  baseImages,
  type Engine,
  findChromium,
  importImage,
  provision,
  startEngine,
  startMirror,
  startPostgres,
  startPrometheus,
  startRegistry,
} from '@slipway/test-services';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const tag = `test-services-${process.pid}`;
const silently = () => {};
let engine: Engine;
let folder: string;

/** The output of a command that must succeed. */
async function output(command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await exec(command, args, { env: { ...process.env, ...engine.env, ...env } });
  return stdout.trim();
}

beforeAll(async () => {
  await provision(
    ['engine', 'compose', 'buildx', 'registry', 'postgres', 'prometheus', 'nginx', 'chromium'],
    silently,
  );
  engine = await startEngine(silently);
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  await chmod(folder, 0o755); // a server's own user passes through it
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await engine.stop();
});

describe('the door to the registries for a node with its own loopback', () => {
  test('leads to the registry that is named, and nowhere but to this machine', async () => {
    const registry = await startRegistry();
    const mirror = await startMirror('127.0.0.1');
    try {
      const ask = async (path: string): Promise<number> => (await fetch(`${mirror.url}${path}`)).status;
      expect(await ask(`/v2/?ns=${registry.address}`)).toBe(200);
      expect(await ask(`/v2/web/manifests/1?ns=${registry.address}`)).toBe(404);
      expect(await ask('/v2/?ns=registry.example.com')).toBe(403);
      expect(await ask('/v2/?ns=127.0.0.1:1')).toBe(502);
      expect((await fetch(`${mirror.url}/v2/?ns=${registry.address}`, { method: 'POST' })).status).toBe(403);
    } finally {
      await mirror.stop();
      await registry.stop();
    }
  });
});

describe('registry', () => {
  const image = `${tag}/hello`;

  test('keeps what is pushed under its digest, deletes it, and is gone after stop', async () => {
    const registry = await startRegistry();
    const name = `${registry.address}/${image}:1`;
    await importImage(engine, name, { files: { '/hello': { text: 'hello' } } });
    const pushed = await output('docker', ['push', name]);
    const [digest] = /sha256:[0-9a-f]{64}/.exec(pushed) ?? [];
    const manifest = `http://${registry.address}/v2/${image}/manifests`;
    const headers = { accept: 'application/vnd.docker.distribution.manifest.v2+json' };
    const found = await fetch(`${manifest}/1`, { headers });
    expect(found.headers.get('docker-content-digest')).toBe(digest);
    expect((await fetch(`${manifest}/${digest}`, { method: 'DELETE' })).status).toBe(202);
    expect((await fetch(`${manifest}/1`, { headers })).status).toBe(404);
    await output('docker', ['image', 'rm', name]);
    await registry.stop();
    await registry.stop();
    await expect(fetch(`http://${registry.address}/v2/`)).rejects.toThrow();
  });

  test('with a login refuses strangers and wrong passwords, and takes the right one', async () => {
    const auth = { username: 'ci', password: 'p@ss: wörd' };
    const registry = await startRegistry({ auth });
    const ask = async (password?: string) => {
      const token = Buffer.from(`ci:${password}`).toString('base64');
      const headers: Record<string, string> =
        password === undefined ? {} : { authorization: `Basic ${token}` };
      return (await fetch(`http://${registry.address}/v2/`, { headers })).status;
    };
    expect([await ask(), await ask('wrong'), await ask(auth.password)]).toEqual([401, 401, 200]);
    await registry.stop();
  });
});

test('postgres serves a separate role, dumps with the same version, and is reached from a container', async () => {
  const { node } = await baseImages(engine, silently);
  const postgres = await startPostgres({ listen: [engine.gateway] });
  const owner = { user: 'o"wner', password: "p'@ss/ word" };
  await postgres.createDatabase('an app', owner);
  await postgres.createDatabase('another', owner);
  const url = postgres.url('an app', owner);
  const psql = (target: string, sql: string) =>
    output(`${postgres.binDir}/psql`, ['-XAtc', sql], fromUrl(target));
  await psql(url, 'create table a as select 42 as n');
  expect(await psql(url, 'select n, current_user from a')).toBe('42|o"wner');
  const major = (text: string) => /\d+/.exec(text)?.[0];
  expect(major(await psql(url, 'show server_version'))).toBe(
    major(await output(`${postgres.binDir}/pg_dump`, ['-V'])),
  );
  expect(await output(`${postgres.binDir}/pg_dump`, ['-t', 'a'], fromUrl(url))).toContain('COPY public.a');
  await expect(psql(postgres.url('an app', { ...owner, password: 'x' }), 'select 1')).rejects.toThrow(
    /authentication/,
  );
  const script = `require('net').connect(${postgres.port}, '${engine.gateway}', () => { console.log('reached'); process.exit() })`;
  expect(await output('docker', ['run', '--rm', node, 'node', '-e', script])).toBe('reached');
  await postgres.stop();
  await expect(psql(url, 'select 1')).rejects.toThrow(/refused/);
}, 60_000);

/** libpq's variables, which keep the password out of the command line. */
function fromUrl(url: string): Record<string, string> {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    PGHOST: hostname,
    PGPORT: port,
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
  };
}

test('prometheus scrapes its targets and shows a dead one', async () => {
  const first = await startPrometheus({ targets: [] });
  const second = await startPrometheus({
    targets: [{ job: 'app', urls: [`${first.url}/metrics`, 'http://127.0.0.1:1/metrics?deep=1'] }],
  });
  const up = await until(async () => {
    const reply = await fetch(`${second.url}/api/v1/query?query=up`);
    const { data } = (await reply.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.length === 2 ? data.result.map(({ value }) => value[1]).sort() : undefined;
  });
  expect(up).toEqual(['0', '1']);
  await Promise.all([first.stop(), second.stop()]);
}, 30_000);

describe('base images', () => {
  test('an image built from the node image runs JavaScript as the user node', async () => {
    const { node } = await baseImages(engine, silently);
    await writeFile(join(folder, 'Dockerfile'), `FROM ${node}\nRUN echo built > /tmp/how\nUSER node\n`);
    await output('docker', ['buildx', 'build', '-q', '-t', `${tag}-app`, folder]);
    const script = `console.log(process.version.split('.')[0], require('os').userInfo().username, require('fs').readFileSync('/tmp/how', 'utf8'))`;
    expect(await output('docker', ['run', '--rm', `${tag}-app`, 'node', '-e', script])).toBe(
      'v24 node built',
    );
    await output('docker', ['image', 'rm', `${tag}-app`]);
  }, 120_000);

  test('nginx answers, logs to the container and can be looked into; an image that is there stays', async () => {
    const { nginx } = await baseImages(engine, silently);
    const id = () => output('docker', ['image', 'inspect', '-f', '{{.Id}}', nginx]);
    const before = await id();
    await baseImages(engine, silently);
    expect(await id()).toBe(before);
    const container = await output('docker', ['run', '-d', '-p', '127.0.0.1::80', nginx]);
    try {
      const address = await output('docker', ['port', container, '80']);
      const page = await until(async () => (await fetch(`http://${address}/?seen=1`)).text());
      expect(page).toContain('nginx');
      expect(await output('docker', ['logs', container])).toContain('GET /?seen=1');
      expect(await output('docker', ['exec', container, 'cat', '/proc/net/tcp'])).toContain(':0050');
      await output('docker', ['exec', container, 'nginx', '-s', 'reload']);
    } finally {
      await output('docker', ['rm', '-f', container]);
    }
  }, 120_000);
});

test('compose and chromium run', async () => {
  expect(await output('docker', ['compose', 'version', '--short'], { DOCKER_CONFIG: folder })).toMatch(
    /^v?[2-9]/,
  );
  expect(await output(await findChromium(), ['--version'])).toMatch(/Chrom/);
});

test('a server ends and its folder goes when the process that started it is killed', async () => {
  const script = `import { startPostgres } from '@slipway/test-services';
    console.log((await startPostgres()).url('postgres'));
    process.kill(process.pid, 'SIGKILL');`;
  const started = exec(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder },
  });
  const { stdout } = await started.catch((error) => error);
  const port = Number(new URL(stdout.trim()).port);
  await until(async () => {
    const left = await readdir(folder);
    const gone = !left.some((name) => name.startsWith('slipway-postgres')) && (await refuses(port));
    return gone || undefined;
  });
}, 30_000);

/** Whether nothing listens on a port of this machine any more. */
function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false)).on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

test('what is missing and cannot be installed here is named at once, with how to get it', async () => {
  const script = `import { provision } from '@slipway/test-services';
    if (process.getuid() === 0) process.setuid(65534);
    process.env.PATH = '/nonexistent';
    await provision(['prometheus', 'registry', 'compose'], console.log).catch(({ message, hint }) => console.log(message + '\\n' + hint));`;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stdout.trim().split('\n')).toEqual([
    'missing: Prometheus; an image registry; Docker Compose v2, for all users',
    'Get them like this, or run as root on Debian or Ubuntu to have them installed:',
    expect.stringContaining('Prometheus: put `prometheus` on PATH (https://'),
    expect.stringContaining('an image registry: put `registry` ('),
    expect.stringContaining('Docker Compose v2, for all users: put the plugin into /usr/local/lib/'),
    ...(existsSync('/usr/bin/apt-get') ? [expect.stringMatching(/apt-get install .*docker-registry/)] : []),
  ]);
});
