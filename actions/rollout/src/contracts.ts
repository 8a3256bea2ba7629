import { type Stamp, unprovenContracts } from '@slipway/platform';
import type { RecordedDatabase, ReleaseRecord } from '@slipway/release';

/**
 * What the database is for the version that serves. A contract breaks it also when it came with a release that failed
 * before it was stamped here, so all are compared with those that a release is proven to run on. Pure.
 * @param stamps Newest first.
 */
export function databaseOf(
  database: RecordedDatabase | null,
  stamps: readonly Stamp[],
): Pick<Stamp, 'database' | 'contracts'> {
  if (!database) return { database: 'none' };
  const { class: kind, contracts } = database;
  if (!contracts) return { database: kind };
  const unproven = unprovenContracts(contracts, stamps).versions.length > 0;
  return { database: unproven ? 'contract' : kind, contracts };
}

/**
 * What to tell people when a release that contracts nothing itself is stamped as a contract; null when it is not. Pure.
 * @param stamps From before it, newest first.
 */
export function explainUnproven(
  { version, database }: Pick<ReleaseRecord, 'version' | 'database'>,
  stamps: readonly Stamp[],
): { title: string; message: string } | null {
  if (!database?.contracts || database.class === 'contract') return null;
  const { versions, told } = unprovenContracts(database.contracts, stamps);
  if (versions.length === 0) return null;
  const many = versions.length > 1;
  const them = `the contract${many ? 's' : ''} ${versions.join(', ')}`;
  const why = told
    ? `which no verified release on the target is stamped with`
    : `and no verified stamp on the target tells which contracts a release has run on`;
  return {
    title: `A rollback of ${version} will be refused`,
    message: `The database has ${them}, ${why}: a rollback of ${version} will be refused. If what served before it has run on ${many ? 'them' : 'it'}, roll back by hand with "force: true". Once ${version} is verified, later releases are compared with it.`,
  };
}
