import { UserError } from './errors.ts';

declare const parsed: unique symbol;

/** A version without a leading `v` that is valid as an image tag: `1.4.0`, `2026-11-29`, `1.0.0-rc.1`. Made by parseVersion. */
export type Version = string & { readonly [parsed]: 'version' };

/** An image tag of the OCI distribution grammar. */
const imageTag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** What may come before a version in the tags of a monorepo: `api/`, `@scope/web@`. */
const prefix = /^(?:[A-Za-z0-9_.@-]+[/@])*/;

/**
 * Reads a version or a release tag: `v1.4.0`, `api/v1.4.0` and `web@1.4.0` are the version `1.4.0`; a `v` before anything
 * but a digit belongs to it.
 * @throws UserError for text that cannot be an image tag.
 */
export function parseVersion(text: string): Version {
  const version = text.replace(prefix, '').replace(/^v(?=\d)/, '');
  if (isVersion(version)) return version;
  throw new UserError(`version "${version}" cannot be an image tag: use letters, digits, ".", "_" and "-"`);
}

function isVersion(text: string): text is Version {
  return imageTag.test(text);
}

/** The git tags that a version may have. */
export interface VersionTags {
  /** The likeliest first. */
  names: readonly [string, ...string[]];
  /** The text is a tag with a prefix, which has to exist; a version alone may have none. */
  required: boolean;
}

/** The git tags that a version or a release tag, as parseVersion reads it, stands for: `1.4.0` is `v1.4.0` or `1.4.0`. */
export function tagsOfVersion(text: string): VersionTags {
  if (/[/@]/.test(text)) return { names: [text], required: true };
  const bare = text.replace(/^v(?=\d)/, '');
  return { names: /^\d/.test(bare) ? [`v${bare}`, bare] : [text], required: false };
}
