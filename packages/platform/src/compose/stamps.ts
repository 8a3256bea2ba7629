import * as z from 'zod';
import type { Stamp } from '../platform.ts';
import { labels } from './argv.ts';
import type { Engine } from './engine.ts';

const stampedService = z.strictObject({
  image: z.string(),
  digest: z.string().nullable(),
  release: z.string().nullable(),
});

const stampSchema = z.strictObject({
  schema: z.literal(1),
  app: z.string(),
  environment: z.string(),
  release: z.string(),
  version: z.string(),
  commit: z.string(),
  state: z.enum(['started', 'verified', 'restored']),
  at: z.iso.datetime(),
  services: z.record(z.string(), stampedService),
  previous: z.record(z.string(), stampedService.nullable()),
  database: z.enum(['none', 'expand', 'contract']),
});

/** How many stamps are kept, the last verified one not counted. */
const kept = 10;

/** Whose stamps. */
export type StampScope = Pick<Stamp, 'app' | 'environment'>;

const inspected = z.array(
  z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullable() }),
);

/**
 * Stamps live on the engine as empty named volumes, each with the state in a label: created in one step, listed
 * without starting anything, and left alone by `docker system prune` and `docker compose down --volumes`.
 */
export async function writeStamp(engine: Engine, stamp: Stamp): Promise<void> {
  const scope = scopeOf(engine, stamp);
  const at = stamp.at.replace(/\D/g, '');
  const name = `slipway-${scope.replaceAll('/', '-')}-${at}-${stamp.state}`.toLowerCase();
  const labelled = [`${labels.stamp}=${scope}`, `${labels.state}=${JSON.stringify(stamp)}`];
  await engine.docker(
    'stamp the release on the engine',
    'volume',
    'create',
    ...labelled.flatMap((l) => ['--label', l]),
    name,
  );
  await prune(engine, stamp);
}

/** Newest first. A volume with our label that cannot be read is an error: it may be the one that matters. */
export async function readStamps(engine: Engine, of: StampScope): Promise<Stamp[]> {
  return (await named(engine, of)).map(({ stamp }) => stamp);
}

async function named(engine: Engine, of: StampScope): Promise<{ name: string; stamp: Stamp }[]> {
  const filter = `label=${labels.stamp}=${scopeOf(engine, of)}`;
  const listed = await engine.docker('list the stamps', 'volume', 'ls', '--quiet', '--filter', filter);
  const names = listed.split('\n').filter((name) => name !== '');
  if (names.length === 0) return [];
  const volumes = inspected.parse(
    JSON.parse(await engine.docker('read the stamps', 'volume', 'inspect', ...names)),
  );
  return volumes
    .map((volume) => ({
      name: volume.Name,
      stamp: stampSchema.parse(JSON.parse(volume.Labels?.[labels.state] ?? '')),
    }))
    .sort((a, b) => b.stamp.at.localeCompare(a.stamp.at));
}

async function prune(engine: Engine, of: StampScope): Promise<void> {
  const all = await named(engine, of);
  const lastVerified = all.find(({ stamp }) => stamp.state === 'verified');
  const old = all.slice(kept).filter((entry) => entry !== lastVerified);
  if (old.length > 0) await engine.docker('prune old stamps', 'volume', 'rm', ...old.map(({ name }) => name));
}

/** The same app may run in two projects of one engine. */
function scopeOf(engine: Engine, of: StampScope): string {
  return `${engine.project}/${of.app}/${of.environment}`;
}
