import { type Stamp, unprovenContracts } from '@slipway/platform';

/** What to do when an older version may not run on the schema any more. */
export const wayOut = 'Mend forward, or restore the database first and set "force: true".';

/**
 * Why a rollback over a release that is stamped as a contract is refused. It is stamped so for contracts of its own, and
 * for those that nothing proves an older version to run on: the stamps tell which, and not whose they are. Pure.
 * @param contracted Its stamp, one of `stamps`, which are newest first.
 * @param version What would come back, in words.
 */
export function explainContracted(
  contracted: Stamp,
  stamps: readonly Stamp[],
  version: string,
): { message: string; hint: string } {
  const older = stamps
    .slice(stamps.indexOf(contracted))
    .filter(({ release }) => release !== contracted.release);
  const { versions, told } = unprovenContracts(contracted.contracts ?? [], older);
  if (versions.length === 0) {
    const message = `${contracted.version} contracted the database schema: ${version} may not run on it any more`;
    return { message, hint: wayOut };
  }
  const why = told
    ? 'which no verified release before it is stamped with'
    : 'and no verified stamp before it tells which contracts a release has run on';
  return {
    message: `${contracted.version} was rolled out on a database with ${contractsOf(versions)}, ${why}: ${version} may not run on that schema`,
    hint: `If ${version} has run on it, set "force: true". Else mend forward, or restore the database first and set it then.`,
  };
}

/** A contract that the database has, and that no stamp tells of. */
export interface Unstamped {
  version: string;
  place: 'journal' | 'version table';
}

/** Why a rollback is refused although the stamps allow it. @param version What would come back, in words. */
export function explainUnstamped(
  found: readonly Unstamped[],
  version: string,
): { message: string; hint: string } {
  const places = { 'version table': 'the version table', journal: 'the journal of migrations' };
  const each = Object.entries(places).flatMap(([place, words]) => {
    const there = found.filter((one) => one.place === place);
    return there.length > 0 ? [`${words} has ${contractsOf(there.map((one) => one.version))}`] : [];
  });
  const undone = 'If it was undone, delete its row from slipway_migrations, or set "force: true".';
  const noted = found.some(({ place }) => place === 'journal');
  return {
    message: `${each.join(' and ')}, which ${version} is not known to have run on`,
    hint: noted ? `${wayOut} ${undone}` : wayOut,
  };
}

/** The contract 002; the contracts 002, 003. */
function contractsOf(versions: readonly string[]): string {
  return `the contract${versions.length === 1 ? '' : 's'} ${versions.join(', ')}`;
}
