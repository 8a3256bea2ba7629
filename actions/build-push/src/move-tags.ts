import { describeError, Fault, formatDuration, formatImage, type PinnedImage } from '@slipway/kernel';
import { type Manifest, openRegistry, type Registry } from '@slipway/registry';
import type { Result } from '@slipway/runner';
import { describeImages } from './build-images.ts';
import { loginOf } from './build-tools.ts';
import type { BuildPushContext } from './context.ts';

/** The tag that always names the release that was proven last. */
export const tag = 'latest';

/** A service and the digest that the tag of its image moves to. */
export interface Promotion {
  service: string;
  image: PinnedImage;
}

/** A tag that can be moved. */
interface Prepared extends Promotion {
  manifest: Manifest;
  /** What the tag names now; undefined when it names nothing. */
  before: Manifest | undefined;
}

/** All tags were moved, or none: what was moved before a failure was moved back. */
export type MovedTags = { ok: true } | { ok: false; problem: string; hint: string };

/** A registry that restarts, or that limits requests, is back within this time; its trouble must not cost a release. */
const retryForMs = 5 * 60_000;
/** After that time, for moving tags back. */
const retryBackForMs = 60_000;

/** Moves `latest` of every image together, each proven by its digest. Waits minutes for a registry in trouble. */
export async function moveTags(
  context: BuildPushContext,
  promotions: readonly Promotion[],
): Promise<MovedTags> {
  const registry = open(context, promotions, retryForMs, context.signal);
  const touched: Prepared[] = [];
  try {
    const prepared = await Promise.all(distinct(promotions).map((one) => prepare(one, registry)));
    for (const one of prepared) {
      const { service, before, image } = one;
      if (before?.digest === image.digest) continue;
      context.log.info(`${service}: moving ${tag} from ${before?.digest ?? 'nothing'} to ${image.digest}`);
      // Noted first: the reply to a tag that was moved may be lost.
      touched.push(one);
      await move(one, image.digest, one.manifest, registry);
    }
    return { ok: true };
  } catch (error) {
    const failed = touched.at(-1);
    const what = failed ? `cannot move ${tag} of ${failed.service}: ` : '';
    const hint = error instanceof Fault ? error.hint : undefined;
    return {
      ok: false,
      problem: `${what}${describeError(error)}; ${await moveBack(context, touched)}`,
      hint: hint ?? 'Re-run this job: it moves the tags that are not moved yet.',
    };
  }
}

/** What `moveTags` would do. */
export function planTags({ log }: Pick<BuildPushContext, 'log'>, promotions: readonly Promotion[]): Result {
  for (const { image } of promotions) log.info(`tag ${formatImage(image)} as ${image.repository}:${tag}`);
  const summary = `Dry run: ${tag} would move to ${describeImages(promotions)}; nothing was moved.`;
  return { outcome: 'skipped', summary };
}

/** Warns of tags that do not name what serves. @param message What serves, and why they were not moved. */
export function warnOfTags(
  { log }: Pick<BuildPushContext, 'log'>,
  message: string,
  { hint }: Extract<MovedTags, { ok: false }>,
): void {
  const title = 'promote: tags were not moved';
  log.annotate({ level: 'warning', title, message: `${message} The next promotion moves it. ${hint}` });
}

/** Services of one image share its tag. */
function distinct(promotions: readonly Promotion[]): Promotion[] {
  return [...new Map(promotions.map((one) => [one.image.repository, one])).values()];
}

function open(
  context: BuildPushContext,
  promotions: readonly Promotion[],
  retryMs: number,
  signal: AbortSignal,
): Registry {
  return openRegistry(
    { ...context, signal },
    {
      login: loginOf(context, promotions[0]?.image.repository),
      retryForMs: retryMs,
      onRetry: (problem, delayMs) =>
        context.log.warn(`${problem}; trying again in ${formatDuration(delayMs)}`),
    },
  );
}

async function prepare(promotion: Promotion, registry: Registry): Promise<Prepared> {
  const { service, image } = promotion;
  const [manifest, before] = await Promise.all([
    registry.manifest(image.repository, image.digest),
    registry.manifest(image.repository, tag),
  ]);
  if (manifest) return { ...promotion, manifest, before };
  throw new Fault(`the registry no longer has ${formatImage(image)} of ${service}`, {
    hint: 'Run the release again: the image was deleted after it was built.',
  });
}

async function move(
  { image: { repository } }: Prepared,
  digest: string,
  manifest: Manifest,
  registry: Registry,
): Promise<void> {
  await registry.tag(repository, tag, manifest);
  const after = await registry.manifest(repository, tag);
  if (after?.digest === digest) return;
  throw new Fault(`${repository}:${tag} is ${after?.digest ?? 'missing'} after it was set to ${digest}`);
}

/** @returns what the tags are now, as the end of a sentence. */
async function moveBack(context: BuildPushContext, touched: readonly Prepared[]): Promise<string> {
  if (touched.length === 0) return 'no tag was moved';
  // A cancelled step has some seconds left.
  const signal = context.signal.aborted ? AbortSignal.timeout(5000) : context.signal;
  const registry = open(context, touched, retryBackForMs, signal);
  const problems: string[] = [];
  for (const one of [...touched].reverse()) {
    const { service, before, image } = one;
    try {
      const now = await registry.manifest(image.repository, tag);
      if (now?.digest === before?.digest) continue;
      if (before) await move(one, before.digest, before, registry);
      else problems.push(`${service} had none and is now at ${image.digest}`);
    } catch (error) {
      problems.push(`${service} may be at ${image.digest} (${describeError(error)})`);
    }
  }
  return problems.length === 0 ? `${tag} of every service is as it was` : `${tag} of ${problems.join('; ')}`;
}
