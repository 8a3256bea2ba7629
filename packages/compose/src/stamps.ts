import type { Stamp } from '@slipway/platform';
import {
  encodeStamp,
  type NamedStamp,
  prunable,
  type StampScope,
  sortStamps,
  stampName,
  stampSchema,
} from '@slipway/platform';
import * as z from 'zod';
import { labels } from './argv.ts';
import type { Engine } from './engine.ts';

const inspected = z.array(
  z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullable() }),
);

/**
 * Stamps live on the engine as empty named volumes, each with the state in a label: created in one step, listed
 * without starting anything, and left alone by `docker system prune` and `docker compose down --volumes`.
 */
export async function writeStamp(engine: Engine, stamp: Stamp): Promise<void> {
  const scope = scopeOf(engine, stamp);
  const labelled = [`${labels.stamp}=${scope}`, `${labels.state}=${encodeStamp(stamp)}`];
  await engine.docker(
    'stamp the release on the engine',
    'volume',
    'create',
    ...labelled.flatMap((l) => ['--label', l]),
    stampName(scope, stamp),
  );
  await prune(engine, stamp);
}

/** Newest first. A volume with our label that cannot be read is an error: it may be the one that matters. */
export async function readStamps(engine: Engine, of: StampScope): Promise<Stamp[]> {
  return (await named(engine, of)).map(({ stamp }) => stamp);
}

async function named(engine: Engine, of: StampScope): Promise<NamedStamp[]> {
  const filter = `label=${labels.stamp}=${scopeOf(engine, of)}`;
  const listed = await engine.docker('list the stamps', 'volume', 'ls', '--quiet', '--filter', filter);
  const names = listed.split('\n').filter((name) => name !== '');
  if (names.length === 0) return [];
  const volumes = inspected.parse(
    JSON.parse(await engine.docker('read the stamps', 'volume', 'inspect', ...names)),
  );
  return sortStamps(
    volumes.map((volume) => ({
      name: volume.Name,
      stamp: stampSchema.parse(JSON.parse(volume.Labels?.[labels.state] ?? '')),
    })),
  );
}

async function prune(engine: Engine, of: StampScope): Promise<void> {
  const old = prunable(await named(engine, of));
  if (old.length > 0) await engine.docker('prune old stamps', 'volume', 'rm', ...old.map(({ name }) => name));
}

/** The same app may run in two projects of one engine. */
function scopeOf(engine: Engine, of: StampScope): string {
  return `${engine.project}/${of.app}/${of.environment}`;
}
