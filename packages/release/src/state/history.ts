import type { ReleaseEntry } from './release-entry.ts';
import { changingRelease, type TargetState } from './target-state.ts';

/** Releases of which a line is retained. */
const maxReleases = 100;
/** Proven releases of which everything that a rollback needs is retained. */
const maxWhole = 5;

/**
 * The releases that can be restored: the last five that were proven, whatever failed since, and an unfinished one. Their
 * documents are retained on the target. Pure.
 */
export function wholeReleases({ releases }: Pick<TargetState, 'releases'>): ReleaseEntry[] {
  // A line that was whole once cannot be restored any more.
  const restorable = releases.filter((one) => one.provenAt !== null && Object.keys(one.services).length > 0);
  const proven = restorable.slice(0, maxWhole);
  // Releases that were rolled back later are restored by name alone: they take no room from those that are proven still.
  const still = restorable.filter(({ phase }) => phase === 'proven').slice(0, maxWhole);
  const serving = releases.find(({ phase }) => phase === 'proven');
  const changing = changingRelease({ releases });
  return releases.filter(
    (one) => proven.includes(one) || still.includes(one) || one === serving || one === changing,
  );
}

/** The state with one line for each of the last hundred releases, and whole only what can be restored. Pure. */
export function trimHistory(state: TargetState): TargetState {
  const whole = wholeReleases(state);
  // Proof of the schema that a release is known to run on; see `unprovenContractMigrations`.
  const baseline = state.releases.find(({ provenAt, contracts }) => provenAt !== null && contracts);
  // What ran before the first release is what every later one that is not proven goes back to.
  const hasProven = state.releases.some(({ phase }) => phase === 'proven');
  const found = hasProven ? undefined : state.releases.find(hasFound);
  const releases = state.releases
    .filter((one, index) => index < maxReleases || whole.includes(one) || one === baseline)
    .map((one) => (whole.includes(one) || one === found ? one : lineOf(one, one === baseline)));
  return { ...state, releases, unreadable: [] };
}

function hasFound({ previous }: ReleaseEntry): boolean {
  return Object.values(previous).some((service) => service !== null);
}

function lineOf(entry: ReleaseEntry, keepsContracts: boolean): ReleaseEntry {
  const { contracts, smoke, health, ...line } = entry;
  return { ...line, services: {}, previous: {}, ...(keepsContracts && contracts ? { contracts } : {}) };
}
