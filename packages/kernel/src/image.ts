import { UserError } from './errors.ts';

/** `[registry[:port]/]path[:tag][@digest]`, taken apart by the grammar of the OCI distribution reference. */
export interface ImageReference {
  /** Without tag and digest: `registry.example.com/docsense-backend`. */
  repository: string;
  tag: string | null;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string | null;
}

/** An image by digest alone: it can never be another one. */
export interface PinnedImage extends ImageReference {
  tag: null;
  digest: string;
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const digestGrammar = 'sha256:[0-9a-f]{64}';
const grammar = new RegExp(
  `^(?<repository>(?:${host}/)?${component}(?:/${component})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>${digestGrammar}))?$`,
);
const wholeDigest = new RegExp(`^${digestGrammar}$`);

/**
 * Takes a reference apart; a registry port is never mistaken for a tag.
 * Grammar: github.com/distribution/reference. @throws UserError for text that is not a reference.
 */
export function parseImage(reference: string): ImageReference {
  const image = readImage(reference);
  if (image) return image;
  const lower = reference.toLowerCase();
  if (readImage(lower)) {
    throw new UserError(
      `"${reference}" is not an image reference: the name of an image has no upper-case letters`,
      {
        hint: `Write "${lower}".`,
      },
    );
  }
  throw new UserError(
    `"${reference}" is not an image reference: expected registry.example.com/name[:tag][@sha256:…]`,
  );
}

/**
 * The same for what an engine or a cluster reports, which may be an image id or carry a prefix
 * (`docker-pullable://`); undefined for text that is not a reference.
 */
export function readImage(reference: string): ImageReference | undefined {
  const { repository, tag, digest } = grammar.exec(reference)?.groups ?? {};
  // The id of an image reads like a repository "sha256" with a tag.
  return repository === undefined || wholeDigest.test(reference)
    ? undefined
    : { repository, tag: tag ?? null, digest: digest ?? null };
}

/** The reference as it is written: `repository`, `repository:tag`, `repository@digest` or all three. */
export function formatImage({ repository, tag, digest }: ImageReference): string {
  return `${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/**
 * The image that a digest names in the repository of `image`; its tag, which may name another by now, goes.
 * @throws UserError for text that is not a digest.
 */
export function withDigest(image: Pick<ImageReference, 'repository'>, digest: string): PinnedImage {
  if (!wholeDigest.test(digest)) {
    throw new UserError(`"${digest}" is not an image digest: expected sha256: and 64 hexadecimal digits`);
  }
  return { repository: image.repository, tag: null, digest };
}
