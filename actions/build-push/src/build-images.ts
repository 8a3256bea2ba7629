import { Cancelled, Fault, formatDuration, type PinnedImage } from '@slipway/kernel';
import type { Evidence, ReleaseRecord } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { openBuildTools } from './build-tools.ts';
import { buildCommand, shellLine } from './buildx-command.ts';
import type { BuildPushContext } from './context.ts';
import type { ImagePlan } from './image-plan.ts';
import { planRelease } from './plan-release.ts';
import { type BuildTools, findImage, type ProvidedImage, provideImage } from './provide-image.ts';

/**
 * Makes sure that the registry has every image of the release. Each distinct image is built once, unless it was built from
 * this commit before; images without a "build" are looked up. All of that happens concurrently.
 */
export async function buildImages(context: BuildPushContext): Promise<Result> {
  const { record, clock } = context;
  const plans = await planRelease(context);
  if (context.dryRun) return describePlan(context, plans);
  const start = clock.monotonic();
  const stop = new AbortController();
  const images = await provideAll(plans, await openBuildTools(context, plans, stop.signal), stop);
  if (context.signal.aborted) throw new Cancelled('the builds');
  const took = formatDuration(clock.monotonic() - start);
  const { services } = record;
  return {
    outcome: 'passed',
    summary: `${describeImages(perService(images))} are in the registry as ${record.version}, proven by digest, ${describeOrigins(images)} ${took}.`,
    record: { ...record, services: { ...services, ...recorded(record, images) } },
    evidence: evidenceOf(images),
    outputs: {
      digests: JSON.stringify(
        Object.fromEntries(perService(images).map(({ service, image }) => [service, image.digest])),
      ),
    },
  };
}

function describePlan(context: BuildPushContext, plans: readonly ImagePlan[]): Result {
  for (const plan of plans) {
    const { build, repository, version, commitTag } = plan;
    const paths = { workspace: context.workspace, metadata: 'metadata.json' };
    const tags = commitTag === null ? [version] : [version, commitTag];
    context.log.info(
      build
        ? shellLine(buildCommand(['docker', 'buildx'], { ...plan, build }, tags, paths))
        : `look up the digest of ${repository}:${version}`,
    );
  }
  const built = plans.filter(({ build }) => build).length;
  return {
    outcome: 'skipped',
    summary: `Dry run: ${built} of ${plans.length} images would be built and pushed as ${context.record.version} unless they exist, and ${plans.length - built} looked up; nothing was built.`,
  };
}

/** Every image is looked up before the first one is built. The first failure cancels the other builds. */
async function provideAll(
  plans: readonly ImagePlan[],
  tools: BuildTools,
  stop: AbortController,
): Promise<ProvidedImage[]> {
  const known = await Promise.all(plans.map((plan) => findImage(plan, tools)));
  const failures: unknown[] = [];
  const cancelled: string[] = [];
  const images = await Promise.all(
    known.map(async (one) => {
      try {
        return await provideImage(one, tools);
      } catch (error) {
        const follows = failures.length > 0 && error instanceof Cancelled;
        if (!follows) failures.push(error);
        else if (one.kind === 'build') cancelled.push(one.plan.services.join(', '));
        stop.abort();
        return undefined;
      }
    }),
  );
  const first = failures[0];
  if (first === undefined) return images.filter((image) => image !== undefined);
  if (!(first instanceof Fault) || cancelled.length === 0) throw first;
  throw new Fault(`${first.message}; the build of ${cancelled.join(', ')} was cancelled`, {
    cause: first.cause,
    details: first.details,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** One entry for each service, in the order of the images. */
function perService(images: readonly ProvidedImage[]): (ProvidedImage & { service: string })[] {
  return images.flatMap((image) => image.services.map((service) => ({ ...image, service })));
}

function recorded(record: ReleaseRecord, images: readonly ProvidedImage[]): ReleaseRecord['services'] {
  return Object.fromEntries(
    perService(images).map(({ service, image }) => [
      service,
      { image: image.repository, digest: image.digest, previous: record.services[service]?.previous ?? null },
    ]),
  );
}

function evidenceOf(images: readonly ProvidedImage[]): Evidence {
  return {
    kind: 'images',
    images: perService(images).map(({ service, reference, image, ms }) => ({
      ...{ service, reference, digest: image.digest, ms: Math.round(ms) },
    })),
  };
}

/** `backend (sha256:0123456789ab…) and frontend (…)`. */
export function describeImages(images: readonly { service: string; image: PinnedImage }[]): string {
  return images.map(({ service, image }) => `${service} (${image.digest.slice(0, 19)}…)`).join(' and ');
}

/** `after`, or `2 of 3 built from this commit before, after`. */
function describeOrigins(images: readonly ProvidedImage[]): string {
  const reused = images.filter(({ origin }) => origin === 'reused').length;
  if (reused === 0) return 'after';
  return `${reused} of ${images.length} built from this commit before, after`;
}
