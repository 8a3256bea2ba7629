import { type Log, parseImage } from '@slipway/kernel';
import type { Platform, RunningService, Stamp, StampedService } from '@slipway/platform';
import type { ReleaseRecord } from '@slipway/release';
import { databaseOf, explainUnproven } from './contracts.ts';

export interface Beginning {
  platform: Platform;
  record: ReleaseRecord;
  services: readonly string[];
  images: ReadonlyMap<string, { image: string; digest: string }>;
  now: Date;
  log: Pick<Log, 'annotate'>;
}

/**
 * Writes on the target what is about to happen and what ran before, so that the release can be put back by anybody
 * who finds nothing but the target. When this very release is under way (a killed step that runs again), what ran
 * before it is taken from then: what runs now is already half of itself. One that was settled since begins anew.
 */
export async function stampBeginning(begin: Beginning): Promise<Stamp> {
  const { platform, record, services, images } = begin;
  const stamps = await platform.stamps(record.app, record.environment);
  const [newest] = stamps;
  const earlier = newest?.release === record.id && newest.state === 'started' ? newest : null;
  const observed = await platform.observe(services);
  const previous =
    earlier?.previous ??
    Object.fromEntries(services.map((name) => [name, runningBefore(observed.get(name))]));
  const stamp: Stamp = {
    schema: 1,
    app: record.app,
    environment: record.environment,
    release: record.id,
    version: record.version,
    commit: record.commit,
    state: 'started',
    at: begin.now.toISOString(),
    services: Object.fromEntries(
      services.map((name) => [name, { ...byDigest(images, name), release: record.id }]),
    ),
    previous,
    ...databaseOf(record.database, stamps),
  };
  await platform.stamp(stamp);
  const surprise = explainUnproven(record, stamps);
  if (surprise) begin.log.annotate({ level: 'warning', ...surprise });
  return stamp;
}

function byDigest(images: Beginning['images'], name: string): { image: string; digest: string | null } {
  const found = images.get(name);
  return { image: found?.image ?? '', digest: found?.digest ?? null };
}

/** What a service ran: the image that most healthy replicas have, the newest when a former release left several. */
function runningBefore(service: RunningService | undefined): StampedService | null {
  const replicas = service?.replicas ?? [];
  const candidates = replicas.filter((replica) => replica.healthy);
  const pool = candidates.length > 0 ? candidates : replicas;
  const counted = pool.map((replica) => ({
    replica,
    count: pool.filter(({ image, release }) => image === replica.image && release === replica.release).length,
  }));
  const most = counted.sort((a, b) => b.count - a.count)[0]?.replica;
  if (!most) return declaredBefore(service);
  const image = most.digest ? parseImage(most.image).repository : most.image;
  return { image, digest: most.digest, release: most.release };
}

/** A service without replicas is still one that a rollback brings back, and not one that it takes away. */
function declaredBefore(service: RunningService | undefined): StampedService | null {
  if (!service?.declared) return null;
  const { image, digest, release } = service.declared;
  return { image: digest ? parseImage(image).repository : image, digest, release };
}

/** The record with what runs before and after, per service. */
export function withServices(record: ReleaseRecord, stamp: Stamp): ReleaseRecord {
  const services = Object.entries(stamp.services).map(
    ([name, { image, digest }]) => [name, { image, digest, previous: stamp.previous[name] ?? null }] as const,
  );
  const database = record.database && { ...record.database, class: stamp.database };
  return { ...record, services: { ...record.services, ...Object.fromEntries(services) }, database };
}
