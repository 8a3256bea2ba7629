import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  baseImages,
  type Engine,
  execOrThrow,
  importImage,
  type Registry,
  type Role,
  run,
  startPostgres,
  startRegistry,
} from '@slipway/test-services';
import type { Parts, Venue } from './site.ts';

/** Root of this project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `pg` needs at run time, for the image that replaces `npm ci`. */
const pgPackages =
  'pg pg-connection-string pg-int8 pg-pool pg-protocol pg-types pgpass postgres-array postgres-bytea postgres-date postgres-interval split2 xtend'.split(
    ' ',
  );

/** Starts what a release needs on any platform: a registry, a database server, images to build from. */
export async function startParts(
  { engine, hostAddress }: Venue,
  { dir, stops }: Pick<Parts, 'dir' | 'stops'>,
  say: (line: string) => void,
  inFront: (registry: Registry) => Promise<Registry> = async (registry) => registry,
): Promise<Parts> {
  const [registry, postgres, images] = await Promise.all([
    startRegistry().then(inFront),
    startPostgres({ listen: [hostAddress] }),
    baseImages(engine, say),
  ]);
  stops.push(registry.stop, postgres.stop, () => removeImages(engine, registry));
  const dependencies = await dependencyImage(engine);
  const repositoryDir = path.join(dir, 'repository');
  return { registry, postgres, engine, images, dependencies, hostAddress, dir, repositoryDir, stops };
}

async function dependencyImage(engine: Engine): Promise<string> {
  const tag = 'local/docsense-dependencies:1';
  const folders = pgPackages.map(
    (name) => [`/app/node_modules/${name}`, path.join(root, 'node_modules', name)] as const,
  );
  await importImage(engine, tag, { folders: Object.fromEntries(folders) });
  return tag;
}

/** Takes away the names of what was built for the registry of this stage: other stages may have the same image. */
async function removeImages({ env }: Engine, { address }: Registry): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}';
  const argv = ['docker', 'images', '--digests', '--filter', `reference=${address}/*`, '--format', format];
  const listed = await execOrThrow('list the images', argv as [string, ...string[]], { env });
  const names = new Set(listed.split(/\s+/).filter((name) => name !== '' && !name.endsWith('<none>')));
  if (names.size > 0) await run(['docker', 'rmi', ...names], { env });
}

/** What runs on the platform and this machine reach the server by the same address, so one URL serves both. */
export async function makeDatabase({ postgres, hostAddress }: Parts, name: string): Promise<string> {
  const owner: Role = { user: name, password: randomBytes(16).toString('hex') };
  await postgres.createDatabase(name, owner);
  // Migrations are rehearsed on a copy that is restored next to the database.
  await postgres.allowCreateDatabase(owner.user);
  return postgres.urlVia(hostAddress, name, owner);
}

/** How the application is configured, wherever it runs. */
export const applicationSettings = {
  CORS_ORIGINS: 'https://app.example.com',
  DB_POOL_MIN_SIZE: '1',
  DB_POOL_MAX_SIZE: '5',
  LOG_LEVEL: 'INFO',
  LOG_FORMAT: 'json',
  ENVIRONMENT: 'production',
};

/** Settings of an environment, on any platform. */
export function environmentSettings(
  { registry, images, dependencies, dir }: Parts,
  name: string,
  { api, app }: { api: string; app: string },
): Record<string, string> {
  return {
    REGISTRY: registry.address,
    BASE_IMAGE: images.node,
    DEPENDENCIES: dependencies,
    API_URL: api,
    APP_URL: app,
    BACKUP_DIR: path.join(dir, 'backups', name),
    ...applicationSettings,
  };
}

/** Secrets of an environment, on any platform. */
export function environmentSecrets(databaseUrl: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, OPENAI_API_KEY: `sk-${randomBytes(16).toString('hex')}` };
}

/** A name on the platform that nobody else has. */
export function ownName(name: string): string {
  return `${name.replaceAll('_', '-')}-${randomBytes(3).toString('hex')}`;
}
