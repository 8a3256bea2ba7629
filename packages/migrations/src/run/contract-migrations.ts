import { UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import type { FormatName } from '../formats/format.ts';
import { journalName } from './journal.ts';
import {
  type AppliedContractMigration,
  anyScope,
  isRepeatable,
  journalScopeOf,
  readJournalEntries,
  searchPathScope,
} from './journal-entries.ts';
import { type ReadOnlyQuery, readOnly } from './read-only.ts';
import { findVersionQuery, listVersions } from './tool-versions.ts';

export interface ContractMigrationsQuery extends ReadOnlyQuery {
  /** What the files are written for, which says where the journal is. Default: wherever one may be. */
  format?: FormatName | undefined;
  /** For migrations that a program runs: the versions that are named as contract migrations, and the query that lists the applied. */
  named?: { contracts: readonly string[]; versions?: string | undefined };
}

/**
 * Asks a database which contract migrations are applied, over one connection that reads only. For a lock it waits a second at most.
 * @throws UserError when it cannot be reached, may not be read, or has no record of them; Fault; Cancelled.
 */
export function readContractMigrations(
  question: ContractMigrationsQuery,
): Promise<AppliedContractMigration[]> {
  const { format, named } = question;
  return readOnly(question, (client) => (named ? listNamed(client, named) : listMarked(client, format)));
}

async function listMarked(
  client: Client,
  format: FormatName | undefined,
): Promise<AppliedContractMigration[]> {
  const entries = await readJournalEntries(client, format ? journalScopeOf(format) : anyScope);
  if (entries === null) throw new UserError(`the database has no table ${journalName}`);
  return entries.flatMap(({ contract, ...row }) => (contract === null ? [] : [row]));
}

/** Of the versions that users named, those that are applied. */
async function listNamed(
  client: Client,
  { contracts, versions }: NonNullable<ContractMigrationsQuery['named']>,
): Promise<AppliedContractMigration[]> {
  const query = versions ?? (await findVersionQuery(client));
  const listed = query === null ? [] : await listVersions(client, query);
  const entries = await readJournalEntries(client, searchPathScope);
  const rows = new Map(entries?.map(({ contract: _, ...row }) => [row.version, row]));
  const applied = contracts.flatMap((version): AppliedContractMigration[] => {
    const row = rows.get(version);
    const { ageSeconds, repeatable } = row ?? { ageSeconds: null, repeatable: isRepeatable(version) };
    if (listed.includes(version)) return [{ version, ageSeconds, repeatable, listedIn: 'version table' }];
    return row ? [row] : [];
  });
  if (listed.length <= 1 && applied.length < contracts.length) {
    throw new UserError(
      'no version table lists all applied migrations, and no query in database.migrations.versions does',
    );
  }
  return applied;
}
