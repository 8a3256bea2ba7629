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
import { compareNames } from '../order.ts';
import { digest, locationOf, readSource, userPath } from '../source.ts';

const script = /^([^/]+)\/migration\.sql$/;
const lockFile = 'migration_lock.toml';

interface PrismaMigration extends Migration {
  /** What prisma takes for the same file: with either kind of line end. */
  checksums: string[];
}

/** Prisma Migrate: `20240131120000_name/migration.sql`, by the name of the folder, without a way down. */
export const prisma: MigrationFormat = {
  name: 'prisma',
  reads: /\.(?:sql|toml)$/,
  table: {
    name: '_prisma_migrations',
    schema: null,
    accepts: (table) =>
      hasColumns(table, 'migration_name', 'checksum', 'finished_at', 'rolled_back_at', 'applied_steps_count'),
    versions:
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at',
  },

  matches({ files }) {
    return files.has(lockFile) || [...files.keys()].some((name) => script.test(name));
  },

  read(listing: FolderListing): FolderReading {
    const problems = providerProblems(listing);
    const migrations: PrismaMigration[] = [];
    for (const name of [...listing.files.keys()].sort(compareNames)) {
      const version = script.exec(name)?.[1];
      if (version === undefined) {
        if (name.endsWith('.sql')) {
          problems.push(
            `${userPath(listing, name)}: prisma reads only migration.sql in a folder for each migration`,
          );
        }
        continue;
      }
      if (listing.files.has(`${version}/snapshot.json`)) {
        problems.push(
          `${userPath(listing, name)}: this is the layout of drizzle 1, which is not supported yet`,
        );
      }
      const { content, problems: found, ...source } = readSource(listing, name);
      problems.push(...found);
      const checksum = digest('sha256', content);
      const text = content.toString('latin1').replaceAll('\r\n', '\n');
      const checksums = [text, text.replaceAll('\n', '\r\n')].map((one) =>
        digest('sha256', Buffer.from(one, 'latin1')),
      );
      migrations.push({ ...source, version, checksum, checksums, kind: 'versioned', down: null });
    }
    return { migrations, problems };
  },

  readTable,
};

function providerProblems(listing: FolderListing): string[] {
  const text = listing.files.get(lockFile)?.toString('utf8') ?? '';
  const found = /^[ \t]*provider[ \t]*=[ \t]*"([^"]*)"/m.exec(text);
  if (!found || ['postgresql', 'postgres'].includes(found[1] ?? '')) return [];
  return [
    `${locationOf(userPath(listing, lockFile), text, found.index)}: the migrations are for ${found[1]}`,
  ];
}

interface Row {
  migration_name: string;
  checksum: string;
  finished: boolean;
}

/** The table of Prisma's schema engine. A row without finished_at failed, unless it says rolled_back_at. */
async function readTable(
  client: Client,
  table: FoundTable,
  migrations: readonly PrismaMigration[],
): Promise<VersionTable> {
  const rows = await readRows<Row>(client, table, {
    columns: 'migration_name, checksum, finished_at IS NOT NULL AS finished',
    where: 'rolled_back_at IS NULL',
    order: 'started_at, finished_at',
  });
  const unfinished = (name: string): string =>
    `migration_name = ${quoteLiteral(name)} AND finished_at IS NULL AND rolled_back_at IS NULL`;
  const insert = `INSERT INTO ${table.name} (id, checksum, migration_name, finished_at, applied_steps_count)`;
  const values = ({ checksum, version }: Migration): string =>
    `gen_random_uuid()::text, ${quoteLiteral(checksum ?? '')}, ${quoteLiteral(version)}`;
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: rows && newestStates(rows, migrations),
    creation: table.exists
      ? null
      : `CREATE TABLE IF NOT EXISTS ${table.name} (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0
)`,
    begin: (migration) =>
      `INSERT INTO ${table.name} (id, checksum, migration_name) SELECT ${values(migration)} WHERE NOT EXISTS (SELECT FROM ${table.name} WHERE ${unfinished(migration.version)})`,
    record: (migration) =>
      `WITH begun AS (UPDATE ${table.name} SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE ${unfinished(migration.version)} RETURNING 1)
${insert} SELECT ${values(migration)}, clock_timestamp(), 1 WHERE NOT EXISTS (SELECT FROM begun)`,
    forget: ({ version }) =>
      `DELETE FROM ${table.name} WHERE migration_name = ${quoteLiteral(version)} AND rolled_back_at IS NULL`,
    // The number that Prisma Migrate chose for itself.
    locks: ['72707369::bigint'],
  };
}

function newestStates(rows: readonly Row[], migrations: readonly PrismaMigration[]): AppliedMigration[] {
  const byName = new Map(migrations.map((migration) => [migration.version, migration]));
  const states = new Map<string, AppliedMigration>();
  for (const { migration_name: version, checksum: stored, finished } of rows) {
    const file = byName.get(version);
    const checksum = file?.checksums.includes(stored) ? file.checksum : stored;
    states.set(version, { version, checksum, state: finished ? 'applied' : 'failed' });
  }
  return [...states.values()];
}
