import { Fault, formatDuration, type PinnedImage, poll, UserError, withDigest } from '@slipway/kernel';
import type { Registry } from '@slipway/registry';
import { type Builder, buildImage } from './build-image.ts';
import { type ExistingImage, findExisting } from './existing-image.ts';
import type { BuiltPlan, ImagePlan } from './image-plan.ts';

/** What images are built and looked up with. */
export interface BuildTools extends Builder {
  registry: Registry;
}

/** An image that the registry is proven to have. */
export interface ProvidedImage {
  services: readonly string[];
  image: PinnedImage;
  /** `repository:version`. */
  reference: string;
  origin: 'built' | 'reused' | 'found';
  ms: number;
}

/** An image and what the registry has of it; nothing was built yet. */
export type KnownImage =
  | { kind: 'build'; plan: BuiltPlan; existing: ExistingImage }
  | { kind: 'elsewhere'; plan: ImagePlan; digest: string };

/** Some registries show a pushed tag with a delay. */
const proof = { intervalMs: 1000, timeoutMs: 10_000 };

/**
 * Looks an image up before anything is built.
 * @throws UserError for a version that is another image, and for an image without a build that was never pushed.
 */
export async function findImage(
  plan: ImagePlan,
  { registry, log }: Pick<BuildTools, 'registry' | 'log'>,
): Promise<KnownImage> {
  const { build } = plan;
  if (build) {
    const built = { ...plan, build };
    return { kind: 'build', plan: built, existing: await findExisting(built, registry, log) };
  }
  const reference = `${plan.repository}:${plan.version}`;
  const manifest = await registry.manifest(plan.repository, plan.version);
  if (manifest) return { kind: 'elsewhere', plan, digest: manifest.digest };
  const [service] = plan.services;
  throw new UserError(`service ${service} has no "build", and ${reference} is not in the registry`, {
    hint: `Push ${reference} before this step, or add services.${service}.build to the configuration.`,
  });
}

/**
 * Makes sure that the registry has the image of its services under the version: builds and pushes it unless it exists.
 * @throws Fault that names the services, the step of the Dockerfile and the cause.
 */
export async function provideImage(known: KnownImage, tools: BuildTools): Promise<ProvidedImage> {
  const { clock, log } = tools;
  const { plan } = known;
  const start = clock.monotonic();
  const reference = `${plan.repository}:${plan.version}`;
  const [digest, origin] =
    known.kind === 'elsewhere' ? ([known.digest, 'found'] as const) : await provideBuilt(known, tools);
  const ms = clock.monotonic() - start;
  const how = origin === 'built' ? ` (${formatDuration(ms)})` : '';
  log.info(`${plan.services.join(', ')} | ${reference} is ${digest}, ${words[origin]}${how}`);
  return { services: plan.services, image: withDigest(plan, digest), reference, origin, ms };
}

const words: Record<ProvidedImage['origin'], string> = {
  built: 'built and pushed',
  reused: 'built from this commit before',
  found: 'built elsewhere',
};

async function provideBuilt(
  { plan, existing }: Extract<KnownImage, { kind: 'build' }>,
  tools: BuildTools,
): Promise<[digest: string, origin: 'built' | 'reused']> {
  const { registry, log } = tools;
  const { repository, version } = plan;
  if (existing.state === 'built') {
    const { manifest, tag } = existing;
    if (tag !== version) await registry.tag(repository, version, manifest);
    return [await proveTag(plan, manifest.digest, tools), 'reused'];
  }
  // An upload that broke off at its end, or another run that was faster, may have pushed it.
  const settled = async (): Promise<string | null> => {
    const now = await findExisting(plan, registry, log).catch((error: unknown) => {
      if (error instanceof Fault) return undefined;
      throw error;
    });
    return now?.state === 'built' && now.tag === version ? now.manifest.digest : null;
  };
  const digest = await buildImage(plan, existing.tags, tools, settled);
  return [await proveTag(plan, digest, tools), 'built'];
}

/** Asks the registry whether the version is this digest. @returns the digest. */
async function proveTag(plan: BuiltPlan, digest: string, tools: BuildTools): Promise<string> {
  const reference = `${plan.repository}:${plan.version}`;
  const name = plan.services.join(', ');
  const proven = await poll({ ...proof, ...tools, during: `the lookup of ${reference}` }, async () => {
    const manifest = await tools.registry.manifest(plan.repository, plan.version);
    return manifest
      ? { done: true, value: manifest.digest }
      : { done: false, seen: `the registry has no ${reference}` };
  });
  if (!proven.ok) {
    throw new Fault(`${name} was pushed, but ${proven.seen} ${formatDuration(proven.ms)} later`, {
      hint: 'Check that the registry retains what is pushed and that nothing deletes tags.',
    });
  }
  if (proven.value === digest) return digest;
  throw new Fault(`${name} was pushed as ${digest}, but ${reference} is ${proven.value} in the registry`, {
    hint: 'Let only one workflow push a version: something else pushed the same tag.',
  });
}
