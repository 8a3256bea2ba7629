import { describeError, Fault, formatImage, parseImage, UserError, withDigest } from '@slipway/kernel';
import type { Platform, Stamp } from '@slipway/platform';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { describeImages } from './build-images.ts';
import type { BuildPushContext } from './context.ts';
import { moveTags, type Promotion, tag } from './move-tags.ts';

/**
 * Marks the release on the target as verified, and then moves `latest` of every service to the digest in the record. The
 * tags are bookkeeping: when they cannot be moved, the release is as good as it was, and the next promotion moves them.
 */
export async function promote(context: BuildPushContext): Promise<Result> {
  const promotions = promotionsOf(context);
  const isMarked = await markVerified(context);
  if (isMarked) context.output({ proven: 'true' });
  const moved = await moveTags(context, promotions);
  const images = describeImages(promotions);
  if (moved.ok) {
    const marked = isMarked ? ', and the release is marked as verified on the target' : '';
    return { outcome: 'passed', summary: `${tag} is now ${images}, proven by digest${marked}.` };
  }
  if (!isMarked) throw new Fault(moved.problem, { hint: moved.hint });
  const message = `${context.record.version} serves and is verified, but ${tag} was not moved: ${moved.problem}.`;
  context.log.annotate({
    level: 'warning',
    title: 'promote: tags were not moved',
    message: `${message} The next promotion moves it. ${moved.hint}`,
  });
  return { outcome: 'passed', summary: message };
}

/** What `promote` would do. */
export async function planPromotion(context: BuildPushContext): Promise<Result> {
  const promotions = promotionsOf(context);
  for (const { image } of promotions) {
    context.log.info(`tag ${formatImage(image)} as ${image.repository}:${tag}`);
  }
  return {
    outcome: 'skipped',
    summary: `Dry run: ${tag} would move to ${describeImages(promotions)}; nothing was moved.`,
  };
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

/** Stamps the release on the target, when the configuration names one. @throws UserError when the target does not run it. */
async function markVerified(context: BuildPushContext): Promise<boolean> {
  const target = await findStamp(context);
  if (!target) return false;
  const { platform, stamp } = target;
  await platform
    .stamp({ ...stamp, state: 'verified', at: context.clock.now().toISOString() })
    .catch((cause: unknown) => {
      throw new Fault(
        `cannot mark the release as verified on the target: ${describeError(cause)}; "${tag}" was not moved`,
        { cause, hint: 'Re-run this job: it marks the release and moves the tags.' },
      );
    });
  return true;
}

async function findStamp(
  context: BuildPushContext,
): Promise<{ platform: Platform; stamp: Stamp } | undefined> {
  const { target } = context.readConfig(['target']);
  if (!target) return undefined;
  const { record } = context;
  const platform = await openPlatform(target, context, programFinder(context));
  const stamps = await platform.stamps(record.app, record.environment);
  const stamp = stamps.find((candidate) => candidate.release === record.id);
  if (stamp && stamp === stamps[0] && stamp.state !== 'restored') return { platform, stamp };
  const newest = stamps[0]
    ? `the newest release there is ${stamps[0].release} (${stamps[0].state})`
    : 'nothing was rolled out there';
  throw new UserError(`the target does not run release ${record.id}: ${newest}; "${tag}" was not moved`, {
    hint: 'Promote only after rollout, smoke-test and watch-metrics passed for the same release.',
  });
}
