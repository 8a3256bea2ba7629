import type { Client } from 'pg';
import type { Ledger, Migration, MigrationFormat } from '../formats/format.ts';
import { settleInferred } from '../formats/newest-only.ts';
import { type Journal, readJournal } from './journal.ts';
import type { Standing } from './plan.ts';

/** What a database says of its migrations, and how rows are written there. */
export interface DatabaseStanding {
  ledger: Ledger;
  journal: Journal;
}

/** @throws UserError for a table of another tool, and when the user may not read it; Fault. */
export async function readStanding(
  client: Client,
  format: MigrationFormat,
  migrations: readonly Migration[],
): Promise<DatabaseStanding> {
  const ledger = await format.openLedger(client, migrations);
  const journal = await readJournal(client, ledger.table);
  if (!ledger.newestOnly || ledger.rows === null) return { ledger, journal };
  const finished = journal.rows?.flatMap((row) => (row.finished ? [row.version] : [])) ?? [];
  return {
    ledger: { ...ledger, ...settleInferred(ledger.rows, [...finished, ...journal.found]) },
    journal,
  };
}

/** As the plan takes it. */
export function standingOf({ ledger, journal }: DatabaseStanding): Standing {
  return { rows: ledger.rows, journal: journal.rows ?? [] };
}
