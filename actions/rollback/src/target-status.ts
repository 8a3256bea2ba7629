import { formatImage, type ImageReference } from '@slipway/kernel';
import type { RunningService } from '@slipway/platform';
import {
  changingRelease,
  type Lease,
  leaseDurationMs,
  provenRelease,
  type ReleaseEntry,
  releaseName,
  type TargetState,
  unfinishedRelease,
} from '@slipway/release';
import { notServing } from '@slipway/transaction';

/** What was read of a target. null: it could not be read, and `problems` says why. */
export interface Observation {
  app: string;
  environment: string;
  /** What the target says of itself, such as the version of its engine. */
  target: string;
  /** By the clock of the target. */
  now: Date;
  state: TargetState | null;
  lease: Lease | null;
  /** Whether the lease could be read: it is null as well where no release ever took one. */
  leaseKnown: boolean;
  services: readonly RunningService[] | null;
  problems: readonly string[];
}

/** The replicas of a service that run one image. */
interface RunningImage {
  /** The version whose release runs it; null when no release of the state does. */
  version: string | null;
  image: string;
  replicas: number;
  ready: number;
}

export interface ServiceStatus {
  name: string;
  /** Empty when nothing runs. */
  runs: RunningImage[];
  /** Why requests do not reach it, as a clause; null when they do, or where the target does not show it. */
  unreached: string | null;
}

interface StatusLine {
  sequence: number;
  id: string;
  version: string;
  phase: ReleaseEntry['phase'];
  changedAt: string;
  /** What its migrations mean for the version before it. */
  database: ReleaseEntry['database'];
  /** Its migrations were taken back. */
  reverted: boolean;
}

/** The output `status`. It has no secret, and nothing but what the target says. */
export interface TargetStatus {
  schema: 1;
  app: string;
  environment: string;
  target: string;
  at: string;
  /** What was observed to run; null when that could not be seen. */
  services: ServiceStatus[] | null;
  /** Whether every replica is ready and runs the proven release; null when that is not known. */
  provenServes: boolean | null;
  proven: (StatusLine & { provenAt: string | null }) | null;
  unfinished: (StatusLine & { run: ReleaseEntry['run'] }) | null;
  lease: (NonNullable<Lease['holder']> & { since: string; expiresAt: string; expired: boolean }) | null;
  /** Whether the lease could be read; `lease` is null when it is free, too. */
  leaseKnown: boolean;
  /** The highest fencing number that is known; null when none is. */
  fence: number | null;
  /** Newest first; null when the state could not be read. */
  history: StatusLine[] | null;
  /** Older releases of the history that are left out here. */
  omitted: number;
  problems: string[];
}

/** Puts together what was observed. Pure. */
export function describeStatus(seen: Observation): TargetStatus {
  const { app, environment, target, now, state, lease, services } = seen;
  const proven = state && provenRelease(state);
  const unfinished = state && (changingRelease(state) ?? unfinishedRelease(state));
  const releases = state?.releases ?? [];
  const fence = Math.max(state?.fence ?? 0, lease?.fence ?? 0);
  return {
    schema: 1,
    app,
    environment,
    target,
    at: now.toISOString(),
    services: services && runningServices(services, releases),
    provenServes: services && state ? servesEverywhere(services, proven ?? null) : null,
    proven: proven ? { ...lineOf(proven), provenAt: proven.provenAt } : null,
    unfinished: unfinished ? { ...lineOf(unfinished), run: unfinished.run } : null,
    lease: lease && heldLease(lease, now),
    leaseKnown: seen.leaseKnown,
    fence: fence === 0 ? null : fence,
    history: state && releases.map(lineOf),
    omitted: 0,
    problems: [
      ...seen.problems,
      ...(state?.unreadable ?? []).map((one) => `an entry of the state cannot be read: ${one}`),
    ],
  };
}

/** What was observed of each service, with the versions that the state knows. Pure. */
export function runningServices(
  services: readonly RunningService[],
  releases: readonly ReleaseEntry[],
): ServiceStatus[] {
  return services.map((one) => ({
    name: one.name,
    runs: runningImages(one, releases),
    unreached: one.unreached,
  }));
}

function lineOf({ sequence, id, version, phase, changedAt, database, reverted }: ReleaseEntry): StatusLine {
  const name = releaseName({ id, version });
  return { sequence, id, version: name, phase, changedAt, database, reverted: reverted === true };
}

function heldLease(lease: Lease, now: Date): TargetStatus['lease'] {
  if (lease.holder === null) return null;
  const expires = Date.parse(lease.renewedAt) + leaseDurationMs;
  return {
    ...lease.holder,
    since: lease.since,
    expiresAt: new Date(expires).toISOString(),
    expired: expires <= now.getTime(),
  };
}

function runningImages(
  { name, replicas }: RunningService,
  releases: readonly ReleaseEntry[],
): RunningImage[] {
  const runs = new Map<string, RunningImage>();
  for (const { image, release, healthy } of replicas) {
    const version = versionOf(name, image, release, releases);
    const text = formatImage(image);
    const known = runs.get(`${version} ${text}`) ?? { version, image: text, replicas: 0, ready: 0 };
    const ready = known.ready + (healthy ? 1 : 0);
    runs.set(`${version} ${text}`, { ...known, replicas: known.replicas + 1, ready });
  }
  return [...runs.values()];
}

/** By the release that the replica is labelled with, else by the digest. */
function versionOf(
  service: string,
  { digest }: ImageReference,
  release: string | null,
  releases: readonly ReleaseEntry[],
): string | null {
  const found =
    releases.find(({ id }) => id === release) ??
    releases.find(({ services }) => digest !== null && services[service]?.image.digest === digest);
  return found ? releaseName(found) : null;
}

/** Whether each replica of each service is ready and runs the proven release. */
function servesEverywhere(services: readonly RunningService[], proven: ReleaseEntry | null): boolean {
  const observed = new Map(services.map((one) => [one.name, one]));
  const wanted = Object.entries(proven?.services ?? {}).filter(([name]) => observed.has(name));
  return (
    wanted.length > 0 &&
    notServing(Object.fromEntries(wanted), observed).length === 0 &&
    wanted.every(([name]) => {
      const { replicas = [] } = observed.get(name) ?? {};
      return replicas.length > 0 && replicas.every(({ healthy }) => healthy);
    })
  );
}
