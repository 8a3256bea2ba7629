import { crc32 } from 'node:zlib';
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
import { compareNumbers, twinProblems, withoutZeros } from '../order.ts';
import { readDown, readSource, userPath } from '../source.ts';

/** As in golang-migrate's source/parse.go; without folders, which it does not look into. */
const named = /^(\d+)_([^/]*)\.(up|down)\.sql$/;
const ofNodePgMigrate = /^(?:\d{13}|\d{17})_/;

/** golang-migrate: `000001_name.up.sql` with `000001_name.down.sql`, and one row that says how far the database is. */
export const golangMigrate: MigrationFormat = {
  name: 'golang-migrate',
  reads: /\.sql$/,
  table: {
    name: 'schema_migrations',
    schema: null,
    accepts: (table) => hasColumns(table, 'version', 'dirty'),
    versions: null,
    shared: {
      owner: 'golang-migrate',
      owns: (table) => hasColumns(table, 'version', 'dirty'),
      unmistakable: true,
      compatible: [],
    },
  },

  matches({ files }) {
    return [...files.keys()].some((name) => named.exec(name)?.[3] === 'up' && !ofNodePgMigrate.test(name));
  },

  read,
  readTable,
};

function read(listing: FolderListing): FolderReading {
  const problems: string[] = [];
  const migrations: Migration[] = [];
  const downs = new Map<string, string>();
  for (const name of listing.files.keys()) {
    if (name.includes('/') || !name.endsWith('.sql')) continue;
    const [, version, , direction] = named.exec(name) ?? [];
    if (version === undefined) {
      problems.push(
        `${userPath(listing, name)}: the name is not valid for golang-migrate; example: 000003_add_language.up.sql`,
      );
    } else if (BigInt(version) > 9223372036854775807n) {
      problems.push(
        `${userPath(listing, name)}: the number is too large for the bigint column of the version table`,
      );
    } else if (direction === 'down') downs.set(withoutZeros(version), name);
    else {
      const { content: _, problems: found, ...source } = readSource(listing, name);
      problems.push(...found);
      migrations.push({ ...source, version, checksum: null, kind: 'versioned', down: null });
    }
  }
  for (const migration of migrations) {
    const down = downs.get(withoutZeros(migration.version));
    if (down) migration.down = readDown(listing, down);
    downs.delete(withoutZeros(migration.version));
  }
  for (const name of downs.values()) problems.push(`${userPath(listing, name)}: there is no .up.sql for it`);
  problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
  migrations.sort((a, b) => compareNumbers(a.version, b.version));
  return { migrations, problems };
}

/** As golang-migrate's database/postgres does it: the one row is replaced, dirty before a migration and clean after. */
async function readTable(
  client: Client,
  table: FoundTable,
  migrations: readonly Migration[],
): Promise<VersionTable> {
  const rows = await readRows<{ version: string; dirty: boolean }>(client, table, {
    columns: 'version::text, dirty',
    order: 'version',
  });
  const set = (version: string | undefined, dirty: boolean): string =>
    version === undefined
      ? `TRUNCATE ${table.name}`
      : `TRUNCATE ${table.name};\nINSERT INTO ${table.name} (version, dirty) VALUES (${quoteLiteral(withoutZeros(version))}, ${dirty})`;
  // A file that is merged late is not reported to the tool, which would take what is above for not applied.
  const isLate = ({ version }: Migration): boolean =>
    rows?.[0] !== undefined && compareNumbers(version, rows[0].version) < 0;
  const lockFor = (database: string): string =>
    `${golangMigrateLock(table.schema, 'schema_migrations', database)}::bigint`;
  return {
    table: table.name,
    rows: rows && appliedUpTo(rows[0], migrations),
    lists: {
      versions: 'newest',
      row: (rows ?? []).map(({ version, dirty }) => `${version} ${dirty}`).join(),
      unrecorded: [],
    },
    creation: table.exists
      ? null
      : `CREATE TABLE IF NOT EXISTS ${table.name} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)`,
    begin: (it) => (isLate(it) ? null : set(it.version, true)),
    record: (it) => (isLate(it) ? null : set(it.version, false)),
    forget: (it) =>
      isLate(it)
        ? ''
        : set(migrations.findLast((one) => compareNumbers(one.version, it.version) < 0)?.version, false),
    // Opened by an address it takes the path of it for the name of the database, slash included.
    locks: [lockFor(`/${table.database}`), lockFor(table.database)],
  };
}

/** One row stands for all migrations up to it. Pure. */
function appliedUpTo(
  row: { version: string; dirty: boolean } | undefined,
  migrations: readonly Migration[],
): AppliedMigration[] {
  // -1 is written, dirty, when the undoing of the first migration failed.
  if (!row || row.version.startsWith('-')) return [];
  const { version: newest, dirty } = row;
  const below = migrations.filter(({ version }) => compareNumbers(version, newest) < 0);
  const own = migrations.find(({ version }) => compareNumbers(version, newest) === 0);
  return [
    ...below.map(({ version }): AppliedMigration => ({ version, checksum: null, state: 'applied' })),
    { version: own?.version ?? newest, checksum: null, state: dirty ? 'failed' : 'applied' },
  ];
}

/** uint32(crc32(schema NUL table NUL database) × 1486364155), after golang-migrate's database/util.go. */
function golangMigrateLock(schema: string, table: string, database: string): string {
  const sum = crc32([schema, table, database].join('\0'));
  return BigInt.asUintN(32, BigInt(sum) * 1486364155n).toString();
}
