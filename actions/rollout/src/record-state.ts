import { formatImage, type Log } from '@slipway/kernel';
import {
  encodeService,
  encodeServices,
  type Platform,
  type RunningReplica,
  type RunningService,
  type Stamp,
  type StampedService,
} from '@slipway/platform';
import type { ReleaseRecord } from '@slipway/release';
import { databaseOf, explainUnproven } from './contract-migrations.ts';
import type { DesiredImages } from './images.ts';

export interface Beginning {
  platform: Platform;
  record: ReleaseRecord;
  services: readonly string[];
  images: DesiredImages;
  now: Date;
  log: Pick<Log, 'annotate'>;
}

/**
 * Writes on the target what is about to happen and what ran before, so that a rollback needs nothing but the target. When
 * this release was begun already (a killed step that runs again), what ran before it is taken from that stamp: what runs
 * now is partly the release itself. A release that was settled since then starts again.
 */
export async function stampBeginning(begin: Beginning): Promise<Stamp> {
  const { platform, record, services, images } = begin;
  const stamps = await platform.stamps(record.app, record.environment);
  const [newest] = stamps;
  const begun = newest?.release === record.id && newest.state === 'started' ? newest : null;
  const observed = await platform.observe(services);
  const previous =
    begun?.previous ?? Object.fromEntries(services.map((name) => [name, runningBefore(observed.get(name))]));
  const stamp: Stamp = {
    schema: 1,
    app: record.app,
    environment: record.environment,
    release: record.id,
    version: record.version,
    commit: record.commit,
    state: 'started',
    at: begin.now.toISOString(),
    services: Object.fromEntries([...images].map(([name, image]) => [name, { image, release: record.id }])),
    previous,
    ...databaseOf(record.database, stamps),
  };
  await platform.stamp(stamp);
  const warning = explainUnproven(record, stamps);
  if (warning) begin.log.annotate({ level: 'warning', ...warning });
  return stamp;
}

/** What a service ran: the image that most healthy replicas have, the newest when a former release left several. */
function runningBefore(service: RunningService | undefined): StampedService | null {
  const replicas = service?.replicas ?? [];
  const candidates = replicas.filter((replica) => replica.healthy);
  const pool = candidates.length > 0 ? candidates : replicas;
  const counted = pool.map((replica) => ({
    replica,
    count: pool.filter((other) => runsSame(other, replica)).length,
  }));
  const commonest = counted.sort((a, b) => b.count - a.count)[0]?.replica;
  // A service that is scaled to zero is still one that a rollback restores, and not one that it removes.
  return commonest ? { image: commonest.image, release: commonest.release } : (service?.declared ?? null);
}

function runsSame(a: RunningReplica, b: RunningReplica): boolean {
  return formatImage(a.image) === formatImage(b.image) && a.release === b.release;
}

/** The record with what runs before and after, per service. */
export function withServices(record: ReleaseRecord, stamp: Stamp): ReleaseRecord {
  const previous = encodeServices(stamp.previous);
  const services = Object.entries(stamp.services).map(([name, service]) => {
    const { image, digest } = encodeService(service);
    return [name, { image, digest, previous: previous[name] ?? null }] as const;
  });
  const database = record.database && { ...record.database, class: stamp.database };
  return { ...record, services: { ...record.services, ...Object.fromEntries(services) }, database };
}
