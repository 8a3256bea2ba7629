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

/** Everything a release of the example needs to be real: engine, registry, database, proxy, repository. */
export interface Stage {
  repository: Repository;
  /** Addresses behind the reverse proxy. */
  api: string;
  app: string;
  project: string;
  registry: string;
  databaseUrl: string;
  engine: Engine;
  /** Settings of the environment, one NAME=value per line, as the workflow takes them. */
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Folder of this stage: repository, backups, workspaces. */
  dir: string;
  /** Lets the user's own reverse proxy run; it is there before Slipway. */
  startProxy(): Promise<void>;
  world(): Promise<World>;
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
  const project = `docsense-${randomBytes(3).toString('hex')}`;
  const databaseUrl = await makeDatabase(postgres, engine);
  const [apiPort, appPort] = [await findFreePort(), await findFreePort()];
  const settings = settingsOf({ registry, images, dependencies, dir, apiPort, appPort });
  const secrets = { DATABASE_URL: databaseUrl, OPENAI_API_KEY: `sk-${randomBytes(16).toString('hex')}` };
  const env = { ...engine.env, ...settings, ...secrets };
  stops.push(() => removeProject(project, registry, env));
  const repository = await makeRepository(example, path.join(dir, 'repository'), project);
  const api = settings.API_URL as string;
  return {
    repository,
    api,
    project,
    engine,
    settings,
    secrets,
    dir,
    databaseUrl,
    stop,
    app: settings.APP_URL as string,
    registry: registry.address,
    async startProxy() {
      const files = ['--project-name', project, '--file', 'docker-compose.prod.yml'];
      await execa('docker', ['compose', ...files, 'up', '--detach', 'nginx'], { cwd: repository.dir, env });
    },
    world: () => lookAround({ api, project, databaseUrl, registry: registry.address, engineEnv: engine.env }),
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
async function makeDatabase(postgres: Postgres, engine: Engine): Promise<string> {
  const owner: Role = { user: 'docsense', password: randomBytes(16).toString('hex') };
  await postgres.createDatabase('docsense', owner);
  return postgres.urlVia(engine.gateway, 'docsense', owner);
}

interface Facts {
  registry: Registry;
  images: { node: string; nginx: string };
  dependencies: string;
  dir: string;
  apiPort: number;
  appPort: number;
}

function settingsOf({
  registry,
  images,
  dependencies,
  dir,
  apiPort,
  appPort,
}: Facts): Record<string, string> {
  return {
    REGISTRY: registry.address,
    BASE_IMAGE: images.node,
    DEPENDENCIES: dependencies,
    NGINX_IMAGE: images.nginx,
    API_PORT: String(apiPort),
    APP_PORT: String(appPort),
    API_URL: `http://127.0.0.1:${apiPort}`,
    APP_URL: `http://127.0.0.1:${appPort}`,
    BACKUP_DIR: path.join(dir, 'backups'),
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
