import type { ReleaseEntry } from './release-entry.ts';

/** Contract migrations that no release is proven to run on. */
export interface UnprovenContractMigrations {
  versions: string[];
  /** Whether a proven release lists contract migrations at all; where none does, none of them is proven. */
  hasBaseline: boolean;
}

/**
 * Compares the contract migrations of a database with those that a release is proven to run on: those of the newest
 * release that was proven and lists them. Before any release is proven, what is applied may be years old: then none counts
 * as unproven. Pure.
 * @param releases Newest first.
 */
export function unprovenContractMigrations(
  contracts: readonly string[],
  releases: readonly ReleaseEntry[],
): UnprovenContractMigrations {
  const proven = releases.filter(({ provenAt }) => provenAt !== null);
  const baseline = proven.find((one) => one.contracts)?.contracts;
  const versions = proven.length > 0 ? contracts.filter((version) => !baseline?.includes(version)) : [];
  return { versions, hasBaseline: baseline !== undefined };
}
