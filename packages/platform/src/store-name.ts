import { createHash } from 'node:crypto';

/** Characters of the parts that a name shows; with the rest it fits into a label of Kubernetes (63 characters). */
const maxReadable = 40;

/**
 * The name of what a target keeps for something, such as an application in an environment: readable, valid as a name on
 * every platform, and different for different parts, because it ends in a hash of them.
 */
export function storeName(parts: readonly string[]): string {
  const readable = parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxReadable);
  return `slipway-${readable.replace(/^-|-$/g, '')}-${hashOf(parts).slice(0, 12)}`.replace(/-{2,}/g, '-');
}

/** The part of a name that stands for one document of a release. */
export function documentKey(release: string, name: string): string {
  return hashOf([release, name]).slice(0, 20);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
