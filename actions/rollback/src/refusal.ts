import { UserError } from '@slipway/kernel';
import {
  comesBack,
  type ReleaseEntry,
  type RestoreTarget,
  releaseName,
  releasesWithMigrations,
  type TargetState,
  unprovenContractMigrations,
} from '@slipway/release';
import type { RollbackContext } from './context.ts';

/**
 * A release before which nothing was proven is removed only in its own run, or where its record names it: nothing serves
 * after that.
 * @param own The release that the record names.
 * @throws UserError
 */
export function refuseRemoval(
  run: Pick<RollbackContext['run'], 'id'>,
  choice: RestoreTarget,
  own: string | undefined,
): void {
  const { from } = choice;
  if (comesBack(choice) || from.run.id === run.id || from.id === own) return;
  throw new UserError(
    `${releaseName(from)} belongs to another run, and nothing was proven before it that could serve again`,
    {
      hint: 'Run the failed jobs of that run again to complete it, or release a fixed version, which replaces it.',
    },
  );
}

/**
 * With down migrations, a rollback that is to be taken back may have been stopped in the middle of them.
 * @throws UserError
 */
export function refuseUnknownSchema({ from, to }: RestoreTarget, state: TargetState): void {
  if (from !== to || from.phase !== 'restoring') return;
  if (releasesWithMigrations(state, from.restoredSequence ?? 0).length === 0) return;
  const name = releaseName(from);
  throw new UserError(
    `whether the database still has the migrations of ${name} is not known: a rollback of it was stopped`,
    {
      hint: `Run that rollback again, which completes it, and deploy ${name} once more. If no migration was taken back, set "rollback.database: keep".`,
    },
  );
}

/** The hint when an older version may not run on the schema any more. */
const rollForward = 'Fix the release and roll forward, or restore the database first and set "force: true".';

/**
 * Why rolling back past a release of the class `contract` is refused. It has that class for its own contract migrations,
 * and for earlier ones that no older version is proven to run on; the state lists which, but not whose they are. Pure.
 * @param contracted One of `releases`, which are newest first.
 * @param version What would come back, in words.
 */
export function explainContracted(
  contracted: ReleaseEntry,
  releases: readonly ReleaseEntry[],
  version: string,
): { message: string; hint: string } {
  const older = releases.filter(({ sequence }) => sequence < contracted.sequence);
  const { versions, hasBaseline } = unprovenContractMigrations(contracted.contracts ?? [], older);
  if (versions.length === 0) {
    const message = `${contracted.version} contracted the database schema: ${version} may not run on it any more`;
    return { message, hint: rollForward };
  }
  const why = hasBaseline
    ? 'which no earlier proven release lists'
    : 'and no earlier proven release lists the contract migrations that a release has run on';
  return {
    message: `${contracted.version} was rolled out on a database with ${listMigrations(versions)}, ${why}: ${version} may not run on that schema`,
    hint: `If ${version} has run on it, set "force: true". Otherwise fix the release and roll forward, or restore the database first and set it then.`,
  };
}

/** Why a schema that what comes back may not run on is not taken back. @param version What would come back, in words. */
export function explainIrreversible(
  contracted: ReleaseEntry,
  version: string,
  problems: readonly string[],
): { message: string; hint: string } {
  return {
    message: `${contracted.version} contracted the database schema: ${version} may not run on it any more, and it cannot be taken back: ${problems.join('; ')}`,
    hint: rollForward,
  };
}

/** A contract migration that the database has, and that no release on the target lists. */
export interface UnlistedMigration {
  version: string;
  /** Where it is recorded. */
  listedIn: 'journal' | 'version table';
}

/** Why a rollback is refused although the state of the target allows it. @param version What would come back, in words. */
export function explainUnlisted(
  found: readonly UnlistedMigration[],
  version: string,
): { message: string; hint: string } {
  const lists = { 'version table': 'the version table', journal: 'the journal' };
  const each = Object.entries(lists).flatMap(([list, words]) => {
    const there = found.filter(({ listedIn }) => listedIn === list);
    return there.length > 0 ? [`${words} has ${listMigrations(there.map((one) => one.version))}`] : [];
  });
  const reverted = 'If it was reverted, delete its row from slipway_migrations, or set "force: true".';
  const inJournal = found.some(({ listedIn }) => listedIn === 'journal');
  return {
    message: `${each.join(' and ')}, which ${version} is not known to have run on`,
    hint: inJournal ? `${rollForward} ${reverted}` : rollForward,
  };
}

/** `the contract migration 002`; `the contract migrations 002, 003`. */
function listMigrations(versions: readonly string[]): string {
  return `the contract migration${versions.length === 1 ? '' : 's'} ${versions.join(', ')}`;
}
