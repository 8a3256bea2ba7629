import { formatImage } from '@slipway/kernel';
import type { DesiredService, Purpose, RolloutFailure } from '@slipway/platform';
import type { Container } from './container.ts';
import type { ComposeModel } from './engine.ts';
import type { ComposeTarget } from './target.ts';

/** One service on its way to what is desired. */
export interface Rollout {
  target: ComposeTarget;
  desired: DesiredService;
  purpose: Purpose;
  /** The Compose files of the checkout. */
  model: ComposeModel;
  /** Replicas that the Compose files ask for. */
  expected: number;
}

/** Containers of a service, told apart by whether they are what is wanted. */
export interface Sides {
  wanted: Container[];
  others: Container[];
}

/** A rollout that cannot go on; carried to the one place that puts the old containers back. */
export interface Failing {
  ok: false;
  reason: string;
  hint: string;
  details: RolloutFailure['details'];
}

/**
 * Wanted are the containers of the same release with the same image, up to the expected number; a release that
 * Slipway did not make is known by its image alone. Asked anew before every step: what was true a moment ago may not be.
 */
export async function tellApart({ target, desired, expected }: Rollout): Promise<Sides> {
  const sides: Sides = { wanted: [], others: [] };
  for (const container of await target.engine.containers(desired.name)) {
    const same = container.release === desired.release && (await runsImage(target, container, desired));
    sides[same && sides.wanted.length < expected ? 'wanted' : 'others'].push(container);
  }
  return sides;
}

async function runsImage(
  target: ComposeTarget,
  container: Container,
  desired: DesiredService,
): Promise<boolean> {
  if (container.image === formatImage(desired.image)) return true;
  const { digest } = desired.image;
  if (!digest) return false;
  const known = await target.engine.repositoryDigests(container.imageId).catch(() => []);
  return known.some((image) => image.digest === digest);
}

/** Why a container makes the rollout fail, with the last things it said. */
export async function explain(target: ComposeTarget, container: Container, reason: string): Promise<Failing> {
  const probe = container.lastProbe === '' ? [] : [`health check: ${container.lastProbe}`];
  return {
    ok: false,
    reason,
    hint: 'The last lines of its log say why; mend the release and deploy again.',
    details: [...(await target.engine.lastLines(container)), ...probe],
  };
}
