import { formatImage, type Log } from '@slipway/kernel';
import type { Platform, RunningReplica, RunningService } from '@slipway/platform';
import {
  encodeService,
  encodeServices,
  previousServices,
  type ReleasedService,
  type ReleaseEntry,
  type ReleaseEvent,
  type ReleaseRecord,
  type TargetState,
} from '@slipway/release';
import { databaseOf, explainUnproven } from './contract-migrations.ts';
import type { DesiredImages } from './images.ts';

export interface Beginning {
  record: ReleaseRecord;
  /** As it was begun on the target. */
  release: ReleaseEntry;
  images: DesiredImages;
  log: Pick<Log, 'annotate'>;
}

/** The state of the target, as far as it is read and changed here. */
interface RollingTarget {
  platform: Pick<Platform, 'observe' | 'saveRelease'>;
  transaction: {
    readonly state: TargetState;
    send(event: ReleaseEvent): Promise<{ release: ReleaseEntry }>;
  };
}

/**
 * Writes on the target what is about to happen and what each service is restored to, and saves what that takes: from here
 * on a rollback needs nothing but the target. @returns the release as it is on the target now.
 */
export async function startRolling(
  { platform, transaction }: RollingTarget,
  { record, release, images, log }: Beginning,
): Promise<ReleaseEntry> {
  const { id } = record;
  const services = Object.fromEntries([...images].map(([name, image]) => [name, { image, release: id }]));
  const observed = await platform.observe([...images.keys()]);
  const { state } = transaction;
  const preexisting = Object.fromEntries(
    [...images.keys()].map((name) => [name, preexistingService(observed.get(name), name, state)]),
  );
  const previous = previousServices(state, release, { services, preexisting });
  await platform.saveRelease({ release: id, services, previous });
  const earlier = state.releases.filter(({ sequence }) => sequence !== release.sequence);
  const schema = databaseOf(record.database, earlier);
  const rolling = await transaction.send({ kind: 'rolling', id, services, preexisting, ...schema });
  const warning = explainUnproven(record, earlier);
  if (warning) log.annotate({ level: 'warning', ...warning });
  return rolling.release;
}

/**
 * What a service runs that Slipway did not create, or that it created when the target had a state that is lost: the image
 * that most healthy replicas have. Else what a release that was proven runs of it: one that came later may have dropped the
 * service and left it running. Replicas of a release that was never proven are nothing to go back to.
 */
function preexistingService(
  service: RunningService | undefined,
  name: string,
  { releases }: TargetState,
): ReleasedService | null {
  const isKnown = (release: string | null): boolean => releases.some(({ id }) => id === release);
  return unknownService(service, isKnown) ?? droppedService(service, name, releases);
}

function droppedService(
  service: RunningService | undefined,
  name: string,
  releases: readonly ReleaseEntry[],
): ReleasedService | null {
  const running = new Set((service?.replicas ?? []).map(({ release }) => release));
  const proven = releases.find(({ id, provenAt }) => provenAt !== null && running.has(id));
  return proven?.services[name] ?? null;
}

function unknownService(
  service: RunningService | undefined,
  isKnown: (release: string | null) => boolean,
): ReleasedService | null {
  const replicas = (service?.replicas ?? []).filter(({ release }) => !isKnown(release));
  const healthy = replicas.filter((replica) => replica.healthy);
  const pool = healthy.length > 0 ? healthy : replicas;
  const counted = pool.map((replica) => ({
    replica,
    count: pool.filter((other) => runsSame(other, replica)).length,
  }));
  const commonest = counted.sort((a, b) => b.count - a.count)[0]?.replica;
  if (commonest) return { image: commonest.image, release: commonest.release };
  // A service that is scaled to zero is still one that a rollback restores, and not one that it removes.
  const declared = service?.declared ?? null;
  return declared && !isKnown(declared.release) ? declared : null;
}

function runsSame(a: RunningReplica, b: RunningReplica): boolean {
  return formatImage(a.image) === formatImage(b.image);
}

/** The record with what runs before and after, per service. */
export function withServices(record: ReleaseRecord, release: ReleaseEntry): ReleaseRecord {
  const previous = encodeServices(release.previous);
  const services = Object.entries(release.services).map(([name, service]) => {
    const { image, digest } = encodeService(service);
    return [name, { image, digest, previous: previous[name] ?? null }] as const;
  });
  const database = record.database && { ...record.database, class: release.database };
  return { ...record, services: { ...record.services, ...Object.fromEntries(services) }, database };
}
