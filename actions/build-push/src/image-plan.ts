import type { ServiceConfig } from '@slipway/config';
import { parseImage, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';

/** What is built for one service and what it is called. */
export interface ImagePlan {
  service: string;
  /** Without tag and digest. */
  repository: string;
  /** The version first: that tag is proven and recorded. */
  tags: readonly [version: string, ...more: string[]];
  build: NonNullable<ServiceConfig['build']> | undefined;
  labels: Readonly<Record<string, string>>;
  /** Build arguments; never secret, they stay readable in the image. */
  args: Readonly<Record<string, string>>;
}

export interface Provenance {
  /** Page of the repository, or empty. */
  source: string;
  created: Date;
}

/**
 * The images of a release, in the order of the configuration. Labels: OCI image-spec, annotations.md.
 * @throws UserError without a version or for an image with a tag or digest.
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
  return Object.entries(services).map(([service, config]) => ({
    service,
    repository: repositoryOf(service, config.image),
    tags: commit === '' ? [version] : [version, `sha-${commit.slice(0, 12)}`],
    build: config.build,
    labels: labels(service, version, commit, provenance),
    args: { VERSION: version, ...(commit === '' ? {} : { COMMIT: commit }), ...config.build?.args },
  }));
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

function labels(
  service: string,
  version: string,
  commit: string,
  provenance: Provenance,
): Record<string, string> {
  const all = {
    title: service,
    version,
    revision: commit,
    source: provenance.source,
    created: provenance.created.toISOString(),
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [`org.opencontainers.image.${name}`, value]),
  );
}
