import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { StateStore } from '@slipway/platform';
import {
  baseImages,
  type Engine,
  execOrThrow,
  findFreePort,
  provision,
  type Registry,
  run,
  startEngine,
  startRegistry,
} from '@slipway/test-services';
import { type BundleResult, type BundleRun, root, runBundle } from './action.ts';
import { openStore } from './open-store.ts';

/** Two services behind nginx in one Compose project, as a small team has them; `web` has no health check. */
export interface SmallStack {
  engine: Engine;
  registry: Registry;
  project: string;
  dir: string;
  /** Address of `web` and of `api`, behind nginx. */
  web: string;
  api: string;
  /** Builds and pushes a version whose program behaves as `mode`; see `test/fixtures/small-stack/server.mjs`. */
  build(version: string, mode?: string): Promise<void>;
  rollOut(version: string, runId: string, options?: StackRun): Promise<BundleResult>;
  /** Rolls the unfinished release of a run back. */
  rollBack(runId: string, options?: StackRun): Promise<BundleResult>;
  /** Runs any other action in the checkout. */
  run(action: string, options: BundleRun): Promise<BundleResult>;
  docker(...args: string[]): Promise<string>;
  compose(...args: string[]): Promise<string>;
  /** Names of the containers of a service, running ones or all. */
  containers(service: string, all?: boolean): Promise<string[]>;
  /** Replaces texts in a file of the checkout. @returns what takes the changes back. */
  edit(file: string, ...changes: [from: string | RegExp, to: string][]): Promise<() => Promise<void>>;
  upstream(service: string): Promise<string>;
  /** What the target keeps of the application in production. */
  store(): Promise<StateStore>;
  stop(): Promise<void>;
}

const nginxConf = `user nginx;
worker_processes 1;
error_log /dev/stderr warn;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_timeout 0;
  proxy_connect_timeout 2s;
  upstream web { server 127.0.0.1:9 down; include /etc/nginx/upstreams/web*.conf; }
  upstream api { server 127.0.0.1:9 down; include /etc/nginx/upstreams/api*.conf; }
  server { listen 8080; location / { proxy_pass http://web; } }
  server { listen 8081; location / { proxy_pass http://api; } }
}
`;

const composeFile = `services:
  nginx:
    image: \${NGINX_IMAGE}
    restart: always
    ports: ["127.0.0.1:\${WEB_PORT}:8080", "127.0.0.1:\${API_PORT}:8081"]
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro", "upstreams:/etc/nginx/upstreams"]
  web:
    image: \${REGISTRY}/web:1.0.0
    restart: always
    stop_grace_period: 5s
    environment: {SETTING: old}
  api:
    image: \${REGISTRY}/web:1.0.0
    restart: always
    stop_grace_period: 5s
    environment: {SETTING: old}
volumes:
  upstreams:
`;

const slipwayFile = (registry: string, project: string): string => `app: small
compose:
  files: [compose.yml]
  project: ${project}
  proxy: {nginx: {ports: {web: 3000, api: 3000}}}
services:
  api: {image: ${registry}/web}
  web: {image: ${registry}/web}
`;

/** The version that answers at an address, or the status of another answer. */
export async function answeredVersion(url: string): Promise<string> {
  const reply = await fetch(`${url}/version`).catch((error: Error) => error.message);
  if (typeof reply === 'string') return reply;
  const { version } = reply.ok
    ? ((await reply.json()) as { version: string })
    : { version: `${reply.status}` };
  return version;
}

/** How a rollout of the stack is run. */
interface StackRun extends BundleRun {
  /** Kills the step as soon as it calls docker with arguments that contain this text. */
  killBefore?: string;
  /** Lets every call of docker fail whose arguments contain this text. */
  failOn?: string;
  /** `promote`: the release stays unfinished. Default: its rollout proves it. */
  provenBy?: 'rollout' | 'promote';
  /** Which services the configuration has. Default: both. */
  services?: readonly string[];
}

/** A `docker` first on PATH that kills its caller instead of doing one thing, or that cannot do it. */
async function faultyPath(dir: string, { killBefore, failOn }: StackRun): Promise<{ PATH?: string }> {
  const text = killBefore ?? failOn;
  if (text === undefined) return {};
  const bin = await mkdtemp(path.join(dir, 'bin-'));
  const act =
    killBefore === undefined ? 'echo "it fails in this test" >&2; exit 1' : 'kill -9 $PPID; exit 137';
  const script = `#!/bin/sh\ncase "$*" in *"${text}"*) ${act} ;; esac\nPATH='${process.env.PATH}'\nexec docker "$@"\n`;
  await writeFile(path.join(bin, 'docker'), script, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}

/** @param nginxImage Default: the nginx of this machine. */
export async function startSmallStack(nginxImage?: string): Promise<SmallStack> {
  const say = (): void => {};
  await provision(['engine', 'compose', 'buildx', 'registry', 'nginx'], say);
  const [engine, registry] = await Promise.all([startEngine(say), startRegistry()]);
  const images = await baseImages(engine, say);
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-small-'));
  const project = path
    .basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '');
  const [webPort, apiPort] = [await findFreePort(), await findFreePort()];
  const settings = {
    REGISTRY: registry.address,
    NGINX_IMAGE: nginxImage ?? images.nginx,
    WEB_PORT: String(webPort),
    API_PORT: String(apiPort),
  };
  await mkdir(path.join(dir, '.github'));
  await writeFile(path.join(dir, 'compose.yml'), composeFile);
  await writeFile(path.join(dir, 'nginx.conf'), nginxConf);
  await writeFile(path.join(dir, '.github/slipway.yml'), slipwayFile(registry.address, project));
  const site = { engine, registry, dir, project, settings, base: images.node };
  return { engine, registry, project, dir, ...addresses(webPort, apiPort), ...commands(site) };
}

/** A stack with nginx, and these versions in its registry. Nothing is released yet. */
export async function startStackWith(...versions: string[]): Promise<SmallStack> {
  const stack = await startSmallStack();
  await Promise.all(versions.map((version) => stack.build(version)));
  await stack.compose('up', '--detach', 'nginx');
  return stack;
}

interface Site {
  engine: Engine;
  registry: Registry;
  dir: string;
  project: string;
  settings: Record<string, string>;
  base: string;
}

function addresses(webPort: number, apiPort: number): Pick<SmallStack, 'web' | 'api'> {
  return { web: `http://127.0.0.1:${webPort}`, api: `http://127.0.0.1:${apiPort}` };
}

function commands(site: Site): Omit<SmallStack, 'engine' | 'registry' | 'project' | 'dir' | 'web' | 'api'> {
  const { engine, registry, dir, project, settings, base } = site;
  const env = { ...engine.env, ...settings };
  const docker = (...args: string[]): Promise<string> =>
    execOrThrow(`run docker ${args[0]}`, ['docker', ...args], { env, cwd: dir });
  const digests = new Map<string, string>();
  const action = (name: string, options: BundleRun): Promise<BundleResult> => {
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    const step = { ...engine.env, SLIPWAY_ENV: lines.join('\n'), GITHUB_SHA: 'c0ffee', ...options.env };
    return runBundle(name, { ...options, env: step, workspace: dir });
  };
  const image = (version: string): string => `${registry.address}/web@${digests.get(version)}`;
  return {
    run: action,
    docker,
    compose: (...args) => docker('compose', '--project-name', project, '--file', 'compose.yml', ...args),
    async build(version, mode = '') {
      const context = await mkdtemp(path.join(tmpdir(), 'slipway-image-'));
      await cp(path.join(root, 'test/fixtures/small-stack/server.mjs'), path.join(context, 'server.mjs'));
      const file = `FROM ${base}\nCOPY server.mjs /server.mjs\nENV VERSION=${version}\n${mode ? `ENV MODE=${mode}\n` : ''}CMD ["node", "/server.mjs"]\n`;
      await writeFile(path.join(context, 'Dockerfile'), file);
      const tag = `${registry.address}/web:${version}`;
      const metadata = path.join(context, 'metadata.json');
      await docker('buildx', 'build', '--push', '--metadata-file', metadata, '--tag', tag, context);
      digests.set(version, JSON.parse(await readFile(metadata, 'utf8'))['containerimage.digest']);
      await rm(context, { recursive: true });
    },
    rollOut: async (version, runId, options = {}) =>
      action('rollout', {
        ...options,
        inputs: {
          version,
          images: (options.services ?? ['api', 'web']).map((name) => `${name}=${image(version)}`).join('\n'),
          'proven-by': options.provenBy ?? 'rollout',
          ...options.inputs,
        },
        env: { GITHUB_RUN_ID: runId, ...(await faultyPath(dir, options)), ...options.env },
      }),
    rollBack: async (runId, options = {}) =>
      action('rollback', {
        ...options,
        env: { GITHUB_RUN_ID: runId, ...(await faultyPath(dir, options)), ...options.env },
      }),
    async containers(service, all = false) {
      const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
      const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
      const names = await docker('ps', ...(all ? ['--all'] : []), '--format', '{{.Names}}', ...filters);
      return names
        .split('\n')
        .filter((name) => name !== '')
        .sort();
    },
    async edit(file, ...changes) {
      const target = path.join(dir, file);
      const before = await readFile(target, 'utf8');
      await writeFile(
        target,
        changes.reduce((text, [from, to]) => text.replace(from, to), before),
      );
      return () => writeFile(target, before);
    },
    store: () => {
      const config = { files: ['compose.yml'], project };
      return openStore({ target: { name: 'compose', config }, env: engine.env, app: 'small' });
    },
    async upstream(service) {
      const nginx = `${project}-nginx-1`;
      return docker('exec', nginx, 'cat', `/etc/nginx/upstreams/${service}.conf`);
    },
    async stop() {
      const label = `label=com.docker.compose.project=${project}`;
      const list = async (...args: string[]): Promise<string[]> =>
        (await run(['docker', ...args], { env })).stdout.split('\n').filter((line) => line !== '');
      const containers = await list('ps', '--all', '--quiet', '--filter', label);
      if (containers.length > 0) await list('rm', '--force', '--volumes', ...containers);
      const volumes = await list('volume', 'ls', '--quiet', '--filter', `name=${project}`);
      if (volumes.length > 0) await list('volume', 'rm', ...volumes);
      await list('network', 'rm', `${project}_default`);
      await registry.stop();
      await engine.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
