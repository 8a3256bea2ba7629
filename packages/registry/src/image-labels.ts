import type { Manifest, Registry } from './registry.ts';

interface ManifestContent {
  config?: { digest?: string };
  manifests?: readonly {
    digest?: string;
    platform?: { os?: string };
    annotations?: Readonly<Record<string, string>>;
  }[];
}

interface ImageConfiguration {
  config?: { Labels?: Record<string, string> | null };
}

/**
 * The labels of an image; of an index, those of its first image, for all are built from the same sources. An image whose
 * configuration cannot be read has none.
 * @throws Fault when the registry does not answer.
 */
export async function readImageLabels(
  registry: Registry,
  repository: string,
  manifest: Manifest,
): Promise<Readonly<Record<string, string>>> {
  const content = parse<ManifestContent>(manifest.bytes);
  // An attestation is listed like an image, for an unknown platform.
  const member = content?.manifests?.find(
    ({ platform, annotations }) =>
      platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] === undefined,
  );
  if (member?.digest) {
    const image = await registry.manifest(repository, member.digest);
    return image ? readImageLabels(registry, repository, image) : {};
  }
  const digest = content?.config?.digest;
  if (!digest || content?.manifests) return {};
  return parse<ImageConfiguration>(await registry.blob(repository, digest))?.config?.Labels ?? {};
}

function parse<T>(bytes: Buffer): T | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as T;
  } catch {
    return undefined;
  }
}
