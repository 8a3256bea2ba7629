import { type PinnedImage, withDigest } from '@slipway/kernel';
import { provenRelease, type ReleaseEntry, releaseName } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { checkImages, readState, type TargetContext, withTransaction } from '@slipway/transaction';
import { describeImages } from './build-images.ts';
import type { BuildPushContext } from './context.ts';
import { moveTags, type Promotion, planTags, tag, warnOfTags } from './move-tags.ts';

/** How long to wait for another run that holds the lease of the target. */
const leaseWaitMs = 60_000;

/**
 * Moves `latest` of every service to the release that the target has as proven: after a rollback, or where an earlier
 * promotion could not. It changes nothing that serves, so tags that cannot be moved are a warning.
 * @throws UserError when another run holds the lease, or the state names an image of another repository.
 */
export async function tagProven(context: BuildPushContext): Promise<Result> {
  const config = context.readConfig(['target', 'services']);
  const target = { ...context, config };
  if (!config.target) return skip('The configuration has no target');
  const find = programFinder(context);
  if (context.dryRun) {
    const { store } = await openPlatform(config.target, target, find);
    const proven = provenRelease(await readState(target, store));
    return proven ? planTags(context, promotionsOf(target, proven)) : nothingProven();
  }
  return withTransaction(target, { find, waitMs: leaseWaitMs, takeOver: false }, async ({ transaction }) => {
    const proven = provenRelease(transaction.state);
    return proven ? move(context, proven, promotionsOf(target, proven)) : nothingProven();
  });
}

/**
 * Images of services that the configuration has: whoever can write the state must not decide which registry gets the login.
 * Built images have a digest; one that was built in place is in no registry.
 */
function promotionsOf(context: Pick<TargetContext, 'config'>, proven: ReleaseEntry): Promotion[] {
  checkImages(context, { services: proven.services, from: proven, to: proven });
  return Object.entries(proven.services).flatMap(([service, { image }]) => {
    if (!(service in context.config.services)) return [];
    const pinned: PinnedImage[] = image.digest ? [withDigest(image, image.digest)] : [];
    return pinned.map((one) => ({ service, image: one }));
  });
}

async function move(
  context: BuildPushContext,
  proven: ReleaseEntry,
  promotions: readonly Promotion[],
): Promise<Result> {
  if (promotions.length === 0)
    return skip(`No image of ${releaseName(proven)}, which is proven, was pushed to a registry`);
  const moved = await moveTags(context, promotions);
  const images = describeImages(promotions);
  const name = releaseName(proven);
  if (moved.ok) return { outcome: 'passed', summary: `${tag} is ${name}, which is proven: ${images}.` };
  const message = `${name} is proven, but ${tag} was not moved to it: ${moved.problem}.`;
  // Without a login, nobody expects that the tag is moved.
  if (context.inputs.username !== '') warnOfTags(context, message, moved);
  return { outcome: 'skipped', summary: message };
}

function nothingProven(): Result {
  return skip('No release is proven on the target');
}

function skip(why: string): Result {
  return { outcome: 'skipped', summary: `${why}; nothing was moved.` };
}
