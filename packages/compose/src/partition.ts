import { formatImage } from '@slipway/kernel';
import type { DesiredService, Purpose, RollOptions } from '@slipway/platform';
import { type Container, isReady, isRunning, sinceSeen } from './container.ts';
import type { ComposeModel } from './engine.ts';
import type { ComposeTarget } from './target.ts';

/** One service that is being rolled out. */
export interface ServiceRollout {
  target: ComposeTarget;
  desired: DesiredService;
  purpose: Purpose;
  assertHeld: RollOptions['assertHeld'];
  /** What Compose makes of the files below. */
  model: ComposeModel;
  /** A restore: the Compose file of the release that comes back; null for those of the checkout. */
  saved: string | null;
  /** Replicas to end with: what the Compose files ask for, and in a restore no less than what has the traffic now. */
  expected: number;
  /** Names of the containers that had the traffic when the rollout began; null when that is not known. */
  routedBefore: readonly string[] | null;
  /** The containers that ran when the rollout began, as they were then, by id. */
  ranBefore: ReadonlyMap<string, Container>;
  /** Set as soon as the new containers may have had requests. */
  switched: boolean;
  /** Set before the first old container is stopped: from here on none of them can have the traffic back. */
  retiring: boolean;
}

/** The containers of a service: those that are what is desired, and those that they replace. */
export interface Partition {
  current: Container[];
  superseded: Container[];
}

/**
 * Current are the containers of the desired release with the desired image, up to the expected number; a release that
 * Slipway did not make is recognised by its image alone. Read again before every step: containers come and go.
 */
export async function partitionContainers(rollout: ServiceRollout): Promise<Partition> {
  const { target, desired, expected } = rollout;
  const partition: Partition = { current: [], superseded: [] };
  for (const container of (await target.engine.containers(desired.name)).map(asServed(rollout))) {
    const matches = container.release === desired.release && (await runsImage(target, container, desired));
    const side = matches && partition.current.length < expected ? 'current' : 'superseded';
    partition[side].push(container);
  }
  return partition;
}

/**
 * What ran before a rollback served as it was. When its health check fails (a check whose program is not in the image), it
 * counts as one without a health check; a container that the rollback starts has to pass its own.
 */
function asServed(rollout: ServiceRollout): (container: Container) => Container {
  const sinceBegin = inThisRollout(rollout);
  return (container) => {
    const seen = sinceBegin(container);
    const served = seen.health === 'unhealthy' && rollout.ranBefore.has(seen.id);
    return served && rollout.purpose === 'restore' ? { ...seen, health: null } : seen;
  };
}

/** What a rollback finds is judged by its crashes since then; of what a release finds of itself, each one counts. */
export function inThisRollout({ purpose, ranBefore }: ServiceRollout): (container: Container) => Container {
  if (purpose !== 'restore') return (container) => container;
  return (container) => sinceSeen(container, ranBefore.get(container.id));
}

/** The old containers that users are served by: those with the traffic, else those that are healthy, else all that run. */
export function servingOld({ routedBefore }: ServiceRollout, { superseded }: Partition): Container[] {
  const running = superseded.filter(isRunning);
  const routed = running.filter(({ name }) => routedBefore?.includes(name));
  return [routed, running.filter(isReady)].find((some) => some.length > 0) ?? running;
}

async function runsImage(
  { engine }: ComposeTarget,
  container: Container,
  { image }: DesiredService,
): Promise<boolean> {
  if (container.image === formatImage(image)) return true;
  if (image.digest === null) return false;
  const known = await engine.repositoryDigests(container.imageId).catch(() => []);
  return known.some(({ digest }) => digest === image.digest);
}
