import {
  describeError,
  Fault,
  formatImage,
  type PinnedImage,
  parseImage,
  UserError,
  withDigest,
} from '@slipway/kernel';
import type { Platform, Stamp } from '@slipway/platform';
import { dockerConfigFolder, type Manifest, openRegistry, type Registry } from '@slipway/registry';
import type { Result } from '@slipway/runner';
import { findPrograms, programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { describeImages, loginOf } from './build-images.ts';
import type { BuildPushContext } from './context.ts';
import { logIn } from './login.ts';

const tag = 'latest';

interface Promotion {
  service: string;
  image: PinnedImage;
}

/** A promotion that was checked and can be made. */
interface Prepared extends Promotion {
  manifest: Manifest;
  /** What `latest` is now; null when there is none. */
  before: string | null;
}

/**
 * Moves `latest` of every service to the digest in the record, proves it, and marks the release on the target as
 * verified. Everything that can fail is checked before the first tag moves.
 */
export async function promote(context: BuildPushContext): Promise<Result> {
  const promotions = promotionsOf(context);
  const target = await findStamp(context);
  const registry = await enterRegistry(context, promotions);
  const prepared = await Promise.all(promotions.map((promotion) => prepare(promotion, registry)));
  const moved: Prepared[] = [];
  for (const one of prepared) {
    context.log.info(`${one.service}: moving ${tag} from ${one.before ?? 'nothing'} to ${one.image.digest}`);
    await moveTag(one, registry).catch((error: unknown) => {
      throw partly(one, moved, error);
    });
    moved.push(one);
  }
  await target?.platform
    .stamp({ ...target.stamp, state: 'verified', at: context.clock.now().toISOString() })
    .catch((cause: unknown) => {
      throw new Fault(
        `cannot mark the release as verified on the target: ${describeError(cause)}; "${tag}" was moved`,
        { cause, hint: 'Re-run this job: it finds the tags moved and only marks the release.' },
      );
    });
  const marked = target ? ', and the release is marked as verified on the target' : '';
  return {
    outcome: 'passed',
    summary: `${tag} is now ${describeImages(prepared)}, proven by digest${marked}.`,
  };
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

/** The stamp of this release, when the configuration names a target. @throws UserError when the target does not run it. */
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
    ? `the newest there is ${stamps[0].release} (${stamps[0].state})`
    : 'nothing was rolled out there';
  throw new UserError(`the target does not run release ${record.id}: ${newest}; "${tag}" was not moved`, {
    hint: 'Promote only after rollout, smoke-test and watch-metrics passed for the same release.',
  });
}

async function enterRegistry(context: BuildPushContext, promotions: readonly Promotion[]): Promise<Registry> {
  const { env, exec, temp, log, config } = context;
  const login = loginOf(context, promotions[0]?.image.repository);
  if (!login) return openRegistry(context, dockerConfigFolder(env), exec, context.signal);
  const { docker } = await findPrograms(['docker'], { ...context, programs: config.programs });
  const folder = await logIn(login, { docker: docker.command, exec, env, temp, log });
  return openRegistry(context, folder, exec, context.signal);
}

async function prepare(promotion: Promotion, registry: Registry): Promise<Prepared> {
  const { service, image } = promotion;
  const [manifest, before] = await Promise.all([
    registry.manifest(image.repository, image.digest),
    registry.manifest(image.repository, tag),
  ]);
  if (manifest) return { ...promotion, manifest, before: before?.digest ?? null };
  throw new Fault(`the registry no longer has ${formatImage(image)} of ${service}; no tag was moved`, {
    hint: 'Run the release again: the image was deleted after it was built.',
  });
}

async function moveTag({ image, before, manifest }: Prepared, registry: Registry): Promise<void> {
  const { repository, digest } = image;
  if (before !== digest) await registry.tag(repository, tag, manifest);
  const after = await registry.manifest(repository, tag);
  if (after?.digest === digest) return;
  throw new Fault(`${repository}:${tag} is ${after?.digest ?? 'missing'} after it was set to ${digest}`);
}

function partly(failed: Prepared, moved: readonly Prepared[], cause: unknown): unknown {
  if (!(cause instanceof Fault)) return cause;
  const others =
    moved.length === 0
      ? 'no other tag was moved'
      : `already moved: ${moved.map(({ service, before, image }) => `${service} (${before ?? 'nothing'} → ${image.digest})`).join(', ')}`;
  return new Fault(`cannot move ${tag} of ${failed.service}: ${cause.message}; ${others}`, {
    cause,
    hint: cause.hint ?? 'Re-run this job: it continues where it stopped.',
  });
}
