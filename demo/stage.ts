import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  baseImages,
  type Engine,
  findFreePort,
  importImage,
  type Postgres,
  provision,
  type Registry,
  type Role,
  startEngine,
  startPostgres,
  startRegistry,
} from '@slipway/real-parts';
import { execa } from 'execa';
import { makeRepository, type Repository } from './repository.ts';
import { lookAround, type World } from './world.ts';

/** Root of this project. */
export const root = fileURLToPath(new URL('..', import.meta.url));
const example = path.join(root, 'workflows-examples/docsense');

/** What `pg` needs at run time, for the image that stands in for `npm ci`. */
const pgPackages =
  'pg pg-connection-string pg-int8 pg-pool pg-protocol pg-types pgpass postgres-array postgres-bytea postgres-date postgres-interval split2 xtend'.split(
    ' ',
  );

/** One place where the example runs: a Compose project with its own addresses and its own database. */
export interface Site {
  /** Addresses behind the reverse proxy. */
  api: string;
  app: string;
  project: string;
  databaseUrl: string;
  /** Settings and secrets of the environment that is this place. */
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Lets the user's own reverse proxy run; it is there before Slipway. */
  startProxy(): Promise<void>;
  world(): Promise<World>;
}

/** Everything a release of the example needs to be real: engine, registry, database, proxy, repository. */
export interface Stage extends Site {
  repository: Repository;
  registry: string;
  engine: Engine;
  /** Folder of this stage: repository, backups, workspaces. */
  dir: string;
  /** Another place on the same engine and registry, for a second environment. */
  addSite(name: string): Promise<Site>;
  stop(): Promise<void>;
}

/** Finds or provisions the real parts and lays out a repository. Says what it does, line by line. */
export async function setStage(say: (line: string) => void): Promise<Stage> {
  await provision(['engine', 'compose', 'buildx', 'registry', 'postgres', 'nginx'], say);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse())
      await end().catch((error) => say(`while cleaning up: ${error}`));
  };
  try {
    return await assemble(say, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  say: (line: string) => void,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stage> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-stage-'));
  stops.push(() => rm(dir, { recursive: true, force: true }));
  const engine = await startEngine(say);
  stops.push(engine.stop);
  const [registry, postgres, images] = await Promise.all([
    startRegistry(),
    startPostgres({ listen: [engine.gateway] }),
    baseImages(engine, say),
  ]);
  stops.push(registry.stop, postgres.stop);
  const dependencies = await dependencyImage(engine);
  const repositoryDir = path.join(dir, 'repository');
  const parts: Parts = { registry, postgres, engine, images, dependencies, dir, repositoryDir, stops };
  const site = await makeSite(parts, 'docsense');
  const repository = await makeRepository(example, repositoryDir, site.project);
  const addSite = (name: string): Promise<Site> => makeSite(parts, `docsense_${name}`);
  return { ...site, repository, registry: registry.address, engine, dir, addSite, stop };
}

/** What all places of a stage share. */
interface Parts {
  registry: Registry;
  postgres: Postgres;
  engine: Engine;
  images: { node: string; nginx: string };
  dependencies: string;
  dir: string;
  repositoryDir: string;
  stops: (() => Promise<void>)[];
}

async function makeSite(parts: Parts, name: string): Promise<Site> {
  const { registry, engine, repositoryDir: cwd, stops } = parts;
  const project = `${name.replaceAll('_', '-')}-${randomBytes(3).toString('hex')}`;
  const databaseUrl = await makeDatabase(parts, name);
  const settings = settingsOf(parts, name, await findFreePort(), await findFreePort());
  const secrets = { DATABASE_URL: databaseUrl, OPENAI_API_KEY: `sk-${randomBytes(16).toString('hex')}` };
  const env = { ...engine.env, ...settings, ...secrets };
  stops.push(() => removeProject(project, registry, env));
  const { API_URL: api = '', APP_URL: app = '' } = settings;
  const asked = { api, project, databaseUrl, registry: registry.address, engineEnv: engine.env };
  return {
    ...{ api, app, project, databaseUrl, settings, secrets },
    async startProxy() {
      const files = ['--project-name', project, '--file', 'docker-compose.prod.yml'];
      await execa('docker', ['compose', ...files, 'up', '--detach', 'nginx'], { cwd, env });
    },
    world: () => lookAround(asked),
  };
}

async function dependencyImage(engine: Engine): Promise<string> {
  const tag = 'local/docsense-dependencies:1';
  const folders = pgPackages.map(
    (name) => [`/app/node_modules/${name}`, path.join(root, 'node_modules', name)] as const,
  );
  await importImage(engine, tag, { folders: Object.fromEntries(folders) });
  return tag;
}

/** Containers and this machine reach the server by the same address, so one URL serves both. */
async function makeDatabase({ postgres, engine }: Parts, name: string): Promise<string> {
  const owner: Role = { user: name, password: randomBytes(16).toString('hex') };
  await postgres.createDatabase(name, owner);
  return postgres.urlVia(engine.gateway, name, owner);
}

function settingsOf(parts: Parts, name: string, apiPort: number, appPort: number): Record<string, string> {
  const { registry, images, dependencies, dir } = parts;
  return {
    REGISTRY: registry.address,
    BASE_IMAGE: images.node,
    DEPENDENCIES: dependencies,
    NGINX_IMAGE: images.nginx,
    API_PORT: String(apiPort),
    APP_PORT: String(appPort),
    API_URL: `http://127.0.0.1:${apiPort}`,
    APP_URL: `http://127.0.0.1:${appPort}`,
    BACKUP_DIR: path.join(dir, 'backups', name),
    CORS_ORIGINS: 'https://app.example.com',
    DB_POOL_MIN_SIZE: '1',
    DB_POOL_MAX_SIZE: '5',
    LOG_LEVEL: 'INFO',
    LOG_FORMAT: 'json',
    ENVIRONMENT: 'production',
  };
}

/** Takes away what the releases left on the engine: containers, networks, volumes, stamps, images. */
async function removeProject(
  project: string,
  registry: Registry,
  env: Record<string, string>,
): Promise<void> {
  const docker = async (...args: string[]): Promise<string[]> =>
    (await execa('docker', args, { env, reject: false })).stdout.split('\n').filter((line) => line !== '');
  const label = `label=com.docker.compose.project=${project}`;
  const containers = await docker('ps', '--all', '--quiet', '--filter', label);
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
  const volumes = [
    ...(await docker('volume', 'ls', '--quiet', '--filter', label)),
    ...(await docker('volume', 'ls', '--quiet', '--filter', `name=^slipway-${project}-`)),
  ];
  if (volumes.length > 0) await docker('volume', 'rm', ...volumes);
  const networks = await docker('network', 'ls', '--quiet', '--filter', label);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
  const images = await docker('images', '--quiet', '--filter', `reference=${registry.address}/*`);
  if (images.length > 0) await docker('rmi', '--force', ...new Set(images));
}
