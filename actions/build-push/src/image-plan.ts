import { isDeepStrictEqual } from 'node:util';
import type { ServiceConfig } from '@slipway/config';
import { parseImage, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';

/** How one image is built. */
type ImageBuild = NonNullable<ServiceConfig['build']> & {
  labels: Readonly<Record<string, string>>;
};

/** One image of a release, and what runs it. */
export interface ImagePlan {
  services: readonly [string, ...string[]];
  /** Without tag and digest. */
  repository: string;
  /** The tag that is proven and recorded. */
  version: string;
  commit: string;
  /** `sha-` and the beginning of the commit; null without a commit. */
  commitTag: string | null;
  /** Undefined for an image that is built elsewhere. */
  build: ImageBuild | undefined;
}

/** An image that this action builds. */
export type BuiltPlan = ImagePlan & { build: ImageBuild };

export interface Provenance {
  /** Page of the repository, or empty. */
  source: string;
  /** When the commit was made; null when that is not known. The clock would give each build another digest. */
  committed: Date | null;
}

/**
 * The images of a release, in the order of the configuration. Services of one repository share one image, whichever of
 * them says how it is built. Labels: OCI image-spec, annotations.md.
 * @throws UserError without a version, for an image with a tag or digest, and for two builds of one repository.
 */
export function planImages(
  services: Readonly<Record<string, ServiceConfig>>,
  release: Pick<ReleaseRecord, 'version' | 'commit'>,
  provenance: Provenance,
): ImagePlan[] {
  const { version, commit } = release;
  if (version === '') {
    throw new UserError('cannot tag the images: the release has no version', {
      hint: 'Set the input "version", or run the workflow on a release tag such as v1.2.3.',
    });
  }
  const byRepository = new Map<string, ImagePlan>();
  for (const [service, config] of Object.entries(services)) {
    const repository = repositoryOf(service, config.image);
    const plan: ImagePlan = {
      services: [service],
      repository,
      version,
      commit,
      commitTag: commit === '' ? null : `sha-${commit.slice(0, 12)}`,
      build: config.build && withStandards(service, config.build, release, provenance),
    };
    const known = byRepository.get(repository);
    byRepository.set(repository, known ? shared(known, plan, services) : plan);
  }
  return [...byRepository.values()];
}

/** @throws UserError for an image with a tag or digest: the release decides those. */
function repositoryOf(service: string, image: string): string {
  const { repository, tag, digest } = parseImage(image);
  if (tag === null && digest === null) return repository;
  throw new UserError(
    `services.${service}.image "${image}" has a ${digest ? 'digest' : 'tag'}: name the repository alone`,
    { hint: `Write "${repository}". Slipway adds the version and deploys by digest.` },
  );
}

/** One plan for both. @throws UserError when each has a build and the two differ. */
function shared(
  known: ImagePlan,
  plan: ImagePlan,
  services: Readonly<Record<string, ServiceConfig>>,
): ImagePlan {
  const builder = known.services.find((service) => services[service]?.build);
  const [service] = plan.services;
  if (builder && plan.build && !isDeepStrictEqual(services[builder]?.build, services[service]?.build)) {
    throw new UserError(
      `services ${builder} and ${service} build ${plan.repository} in different ways: one tag cannot be two images`,
      { hint: `Give services.${service}.image another name, or make both sections "build" equal.` },
    );
  }
  return { ...known, services: [...known.services, service], build: known.build ?? plan.build };
}

function withStandards(
  service: string,
  build: NonNullable<ServiceConfig['build']>,
  { version, commit }: Pick<ReleaseRecord, 'version' | 'commit'>,
  { source, committed }: Provenance,
): ImageBuild {
  const all = {
    title: service,
    version,
    revision: commit,
    source,
    created: committed?.toISOString() ?? '',
  };
  const labels = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [`org.opencontainers.image.${name}`, value]);
  const standard = commit === '' ? { VERSION: version } : { VERSION: version, COMMIT: commit };
  return { ...build, args: { ...standard, ...build.args }, labels: Object.fromEntries(labels) };
}
