import { UserError } from './errors.ts';

/** `[registry[:port]/]path[:tag][@digest]`, taken apart by the grammar of the OCI distribution reference. */
export interface ImageReference {
  repository: string;
  tag: string | null;
  digest: string | null;
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const grammar = new RegExp(
  `^(?<repository>(?:${host}/)?${component}(?:/${component})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/**
 * Takes a reference apart; a registry port is never mistaken for a tag.
 * Grammar: github.com/distribution/reference. @throws UserError for what is no reference.
 */
export function parseImage(reference: string): ImageReference {
  const groups = grammar.exec(reference)?.groups;
  if (!groups) {
    throw new UserError(
      `"${reference}" is not an image reference: expected registry.example.com/name[:tag][@sha256:…]`,
    );
  }
  return { repository: groups.repository as string, tag: groups.tag ?? null, digest: groups.digest ?? null };
}
