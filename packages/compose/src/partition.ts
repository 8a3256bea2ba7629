import { formatImage } from '@slipway/kernel';
import type { DesiredService, Purpose } from '@slipway/platform';
import type { Container } from './container.ts';
import type { ComposeModel } from './engine.ts';
import type { ComposeTarget } from './target.ts';

/** One service that is being rolled out. */
export interface ServiceRollout {
  target: ComposeTarget;
  desired: DesiredService;
  purpose: Purpose;
  /** The Compose files of the checkout. */
  model: ComposeModel;
  /** Replicas that the Compose files ask for. */
  expected: number;
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
  for (const container of await target.engine.containers(desired.name)) {
    const matches = container.release === desired.release && (await runsImage(target, container, desired));
    const side = matches && partition.current.length < expected ? 'current' : 'superseded';
    partition[side].push(container);
  }
  return partition;
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
