import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type {
  AppliedMigration,
  FolderListing,
  FolderReading,
  Migration,
  MigrationFormat,
  VersionTable,
} from '../format.ts';
import { type FoundTable, hasColumns, readRows } from '../found-table.ts';
import { twinProblems } from '../order.ts';
import { digest, readSource, userPath } from '../source.ts';
import { type JournalEntry, journalFile, locationInJournal, readJournalFile } from './journal-file.ts';

/** A comment for the server, an end of the statement for drizzle. */
const breakpoint = '--> statement-breakpoint';

interface DrizzleMigration extends Migration {
  /** Milliseconds since 1970 of the journal: drizzle's own key. */
  when: string;
}

/** drizzle-orm's migrator: `0000_name.sql` in the order of `meta/_journal.json`. */
export const drizzle: MigrationFormat = {
  name: 'drizzle',
  reads: /(?:\.sql|(?:^|\/)meta\/_journal\.json)$/,
  table: {
    name: '__drizzle_migrations',
    schema: 'drizzle',
    accepts: (table) => hasColumns(table, 'id', 'hash', 'created_at'),
    versions: 'SELECT created_at FROM drizzle.__drizzle_migrations ORDER BY created_at',
  },

  matches({ files }) {
    return files.has(journalFile);
  },

  read(listing: FolderListing): FolderReading {
    const { entries, problems } = readJournalFile(listing);
    const migrations = entries.flatMap((entry) => {
      const name = `${entry.tag}.sql`;
      if (!listing.files.has(name)) {
        problems.push(`${locationInJournal(listing, entry.tag)}: there is no file ${name}`);
        return [];
      }
      return [migrationOf(listing, entry, problems)];
    });
    const listed = new Set(entries.map(({ tag }) => `${tag}.sql`));
    for (const name of listing.files.keys()) {
      if (name.endsWith('.sql') && !name.includes('/') && !listed.has(name)) {
        problems.push(
          `${userPath(listing, name)}: the file is not in ${journalFile}, so drizzle never runs it`,
        );
      }
    }
    problems.push(...twinProblems(migrations, ({ version }) => version, 'tag'));
    problems.push(...twinProblems(migrations, ({ when }) => when, '"when" in the journal'));
    return { migrations, problems };
  },

  readTable,
};

function migrationOf(
  listing: FolderListing,
  { tag, when }: JournalEntry,
  problems: string[],
): DrizzleMigration {
  const { content, problems: found, ...source } = readSource(listing, `${tag}.sql`);
  problems.push(...found);
  // Of the same length, so that every statement stays where it is; a statement before it may lack its semicolon.
  const sql = source.sql.replaceAll(breakpoint, `;${' '.repeat(breakpoint.length - 1)}`);
  const checksum = digest('sha256', content);
  return { ...source, sql, version: tag, when, checksum, kind: 'versioned', down: null };
}

/** As drizzle-orm's pg-core/dialect.js makes it; what is newer than the newest created_at is pending for drizzle. */
async function readTable(
  client: Client,
  table: FoundTable,
  migrations: readonly DrizzleMigration[],
): Promise<VersionTable<DrizzleMigration>> {
  const rows = await readRows<{ hash: string; at: string }>(client, table, {
    columns: `hash, coalesce(created_at::text, '') AS at`,
    order: 'id',
  });
  const byWhen = new Map(migrations.map(({ when, version }) => [when, version]));
  const applied = rows?.map(({ hash, at }): AppliedMigration => {
    return { version: byWhen.get(at) ?? `of ${at}`, checksum: hash, state: 'applied' };
  });
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: applied ?? null,
    creation: table.exists
      ? null
      : `CREATE SCHEMA IF NOT EXISTS drizzle;
CREATE TABLE IF NOT EXISTS ${table.name} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
    begin: () => null,
    record: ({ checksum, when }) =>
      `INSERT INTO ${table.name} (hash, created_at) VALUES (${quoteLiteral(checksum ?? '')}, ${when})`,
    forget: ({ when }) => `DELETE FROM ${table.name} WHERE created_at = ${when}`,
    locks: [],
  };
}
