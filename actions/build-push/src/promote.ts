import { Fault, parseImage, UserError, withDigest } from '@slipway/kernel';
import { provenRelease, type ReleaseEntry, smokeProofOf, type TargetState } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { forgetOldReleases, requireServing, withTransaction } from '@slipway/transaction';
import { describeImages } from './build-images.ts';
import type { BuildPushContext } from './context.ts';
import { moveTags, type Promotion, planTags, tag, warnOfTags } from './move-tags.ts';

/** How long to wait for another run that holds the lease of the target. */
const leaseWaitMs = 60_000;

/**
 * Marks the release on the target as proven, and then moves `latest` of every service to the digest in the record. The
 * tags are bookkeeping: when they cannot be moved, the release is as good as it was, and the next promotion moves them.
 */
export async function promote(context: BuildPushContext): Promise<Result> {
  const promotions = promotionsOf(context);
  const isMarked = await markProven(context);
  const moved = await moveTags(context, promotions);
  const images = describeImages(promotions);
  if (moved.ok) {
    const marked = isMarked ? ', and the release is proven on the target' : '';
    return { outcome: 'passed', summary: `${tag} is now ${images}, proven by digest${marked}.` };
  }
  if (!isMarked) throw new Fault(moved.problem, { hint: moved.hint });
  const message = `${context.record.version} serves and is proven, but ${tag} was not moved: ${moved.problem}.`;
  warnOfTags(context, message, moved);
  return { outcome: 'passed', summary: message };
}

/** What `promote` would do. */
export async function planPromotion(context: BuildPushContext): Promise<Result> {
  return planTags(context, promotionsOf(context));
}

/** @throws UserError when the record does not hold a digest for every service. */
function promotionsOf(context: BuildPushContext): Promotion[] {
  const { services } = context.record;
  const names = Object.keys(context.config.services);
  const lacking = names.filter((name) => !services[name]?.digest);
  if (names.length === 0 || lacking.length > 0) {
    throw new UserError(`the release record has no digest for ${lacking.join(', ') || 'any service'}`, {
      hint: 'Pass the "release" output of the build-push step, or of a later one, as the input "release".',
    });
  }
  return names.flatMap((service) => {
    const { image = '', digest } = services[service] ?? {};
    return digest ? [{ service, image: withDigest(parseImage(image), digest) }] : [];
  });
}

/**
 * Writes to the state of the target that the release is proven, when the configuration names a target.
 * @returns whether it was written. @throws UserError when the target does not run the release.
 */
async function markProven(context: BuildPushContext): Promise<boolean> {
  const config = context.readConfig(['target', 'services']);
  if (!config.target) return false;
  const { id } = context.record;
  const options = { find: programFinder(context), waitMs: leaseWaitMs, takeOver: false };
  await withTransaction({ ...context, config }, options, async (target) => {
    const { state } = target.transaction;
    const release = state.releases.find((one) => one.id === id);
    const isProven = release !== undefined && release === provenRelease(state);
    if (release?.phase !== 'serving' && !isProven) throw notServed(id, state);
    await requireServing(context, target, release, {
      during: 'promote',
      refusal: (services) => noLongerServes(release, services),
    });
    const smoke = smokeProofOf(context.record);
    await target.transaction.send({ kind: 'proven', id, ...(smoke ? { smoke } : {}) });
    context.output({ proven: 'true' });
    await forgetOldReleases(context, target);
  });
  return true;
}

function noLongerServes({ id, phase }: ReleaseEntry, services: string): UserError {
  const consequence = phase === 'proven' ? '' : 'it is not marked as proven, and ';
  return new UserError(`${services} no longer serves release ${id}: ${consequence}"${tag}" was not moved`, {
    hint: 'Find out what changed on the target since the rollout, and run the release again.',
  });
}

/** A re-run of a proven release leaves the lease between two steps, and a newer one that waited for it may take it there. */
function notServed(id: string, state: TargetState): UserError {
  const [newest] = state.releases;
  const proven = provenRelease(state);
  const own = state.releases.find((one) => one.id === id);
  if (proven && own && proven.sequence > own.sequence)
    return new UserError(
      `release ${proven.version} (${proven.id}) is proven on the target and newer than this one: "${tag}" was not moved`,
      { hint: `To serve ${own.version} again, roll back to it with rollback.yml.` },
    );
  const found = newest
    ? `the newest release there is ${newest.id} ("${newest.phase}")`
    : 'nothing was rolled out there';
  return new UserError(`the target does not run release ${id}: ${found}; "${tag}" was not moved`, {
    hint: 'Promote only after rollout, smoke-test and watch-metrics passed for the same release.',
  });
}
