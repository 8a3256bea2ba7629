import { UserError } from './errors.ts';

declare const parsed: unique symbol;

/** A version without a leading `v` that is valid as an image tag: `1.4.0`, `2026-11-29`, `1.0.0-rc.1`. Made by parseVersion. */
export type Version = string & { readonly [parsed]: 'version' };

/** An image tag of the OCI distribution grammar. */
const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads a version or a release tag: `v1.4.0` is the version `1.4.0`; a `v` before anything but a digit belongs to it.
 * @throws UserError for text that cannot be an image tag.
 */
export function parseVersion(text: string): Version {
  const version = text.replace(/^v(?=\d)/, '');
  if (isVersion(version)) return version;
  throw new UserError(`version "${version}" cannot be an image tag: use letters, digits, ".", "_" and "-"`);
}

function isVersion(text: string): text is Version {
  return tag.test(text);
}
