import {
  type RecordedDatabase,
  type ReleaseEntry,
  type ReleaseRecord,
  unprovenContractMigrations,
} from '@slipway/release';

/**
 * What the schema means for the version that serves. A contract migration may break that version also when it came with
 * a release that failed before it was rolled out, so all of them are compared with those that a release is proven to
 * run on. Pure.
 * @param releases Of the target, newest first.
 */
export function databaseOf(
  database: RecordedDatabase | null,
  releases: readonly ReleaseEntry[],
): Pick<ReleaseEntry, 'database' | 'contracts'> {
  if (!database) return { database: 'none' };
  if (!database.contracts) return { database: database.class };
  const { versions } = unprovenContractMigrations(database.contracts, releases);
  return { database: versions.length > 0 ? 'contract' : database.class, contracts: database.contracts };
}

/**
 * The warning for a release that applies no contract migration itself, but that a rollback will be refused for because of
 * earlier ones; null when it will not. Pure.
 * @param releases Of the target, newest first.
 */
export function explainUnproven(
  { version, database }: Pick<ReleaseRecord, 'version' | 'database'>,
  releases: readonly ReleaseEntry[],
): { title: string; message: string } | null {
  if (!database?.contracts || database.class === 'contract') return null;
  const { versions, hasBaseline } = unprovenContractMigrations(database.contracts, releases);
  if (versions.length === 0) return null;
  const many = versions.length > 1;
  const them = `the contract migration${many ? 's' : ''} ${versions.join(', ')}`;
  const why = hasBaseline
    ? `which no proven release on the target lists`
    : `and no proven release on the target lists the contract migrations that a release has run on`;
  return {
    title: `A rollback of ${version} will be refused`,
    message: `The database has ${them}, ${why}: a rollback of ${version} will be refused. If what served before it has run on ${many ? 'them' : 'it'}, roll back manually with "force: true". Once ${version} is proven, later releases are compared with it.`,
  };
}
