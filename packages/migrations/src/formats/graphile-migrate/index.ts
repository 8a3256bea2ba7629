import { quoteLiteral } from '@slipway/postgres';
import { textOf } from '@slipway/sql';
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
import { compareNames, compareNumbers, twinProblems, withoutZeros } from '../order.ts';
import { locationOf, readSource, userPath } from '../source.ts';
import { graphileHash, readHeaders } from './headers.ts';

const named = /^((?:committed\/)?)(\d+)(?:-[-_a-zA-Z0-9]*)?\.sql$/;
const placeholder = /(?<![:\w]):(?:DATABASE_NAME|DATABASE_OWNER)\b/;

interface GraphileMigration extends Migration {
  /** Hash of the migration before it; null for the first. */
  previous: string | null;
}

/** graphile-migrate: `committed/000001-name.sql`, each naming the hash of the one before it, without a way down. */
export const graphileMigrate: MigrationFormat = {
  name: 'graphile-migrate',
  reads: /\.sql$/,
  table: {
    name: 'migrations',
    schema: 'graphile_migrate',
    accepts: (table) => hasColumns(table, 'hash', 'previous_hash', 'filename'),
    versions: null,
  },

  matches({ files }) {
    return [...files].some(([name, content]) => named.test(name) && /^--! Previous:/m.test(textOf(content)));
  },

  read(listing: FolderListing): FolderReading {
    const problems: string[] = [];
    const migrations: GraphileMigration[] = [];
    // The folder itself may be the one of the committed migrations.
    const inside = [...listing.files.keys()].some((name) => name.startsWith('committed/'))
      ? 'committed/'
      : '';
    for (const name of [...listing.files.keys()].sort(compareNames)) {
      if (!name.endsWith('.sql') || !name.startsWith(inside) || name.slice(inside.length).includes('/'))
        continue;
      if (inside === '' && name === 'current.sql') continue;
      const version = named.exec(name)?.[2];
      if (version === undefined) {
        problems.push(`${userPath(listing, name)}: the name is not a number, as in 000003-add-language.sql`);
      } else migrations.push(migrationOf(listing, name, version, problems));
    }
    problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
    migrations.sort((a, b) => compareNumbers(a.version, b.version));
    return { migrations, problems: [...problems, ...chainProblems(migrations)] };
  },

  readTable,
};

function migrationOf(
  listing: FolderListing,
  name: string,
  version: string,
  problems: string[],
): GraphileMigration {
  const { content: _, problems: found, ...source } = readSource(listing, name);
  const { file, sql } = source;
  const { headers, bodyAt, problems: wrong } = readHeaders(file, sql);
  const body = sql.slice(bodyAt);
  const [hash, previous] = [headers.get('Hash')?.value ?? '', headers.get('Previous')?.value ?? ''];
  const before = previous === '-' ? null : previous;
  problems.push(...found, ...(found.length > 0 ? [] : wrong));
  const fitting = graphileHash(body, before) === hash;
  if (wrong.length === 0 && found.length === 0 && fitting === headers.has('AllowInvalidHash')) {
    problems.push(
      `${file}:${headers.get('Hash')?.line}: ${fitting ? 'the hash matches, but AllowInvalidHash is set' : 'the hash does not match the text: the file was changed after it was committed'}`,
    );
  }
  const asked = placeholder.exec(sql);
  if (asked)
    problems.push(
      `${locationOf(file, sql, asked.index)}: ${asked[0]} is a placeholder that only graphile-migrate replaces`,
    );
  // Asked of the first line of the trimmed body, as its src/header.ts does.
  const alone = /^--!\s*no-transaction\b/.test(body.trimStart());
  const transaction = alone ? 'none' : source.transaction;
  return { ...source, version, checksum: hash, previous: before, transaction, kind: 'versioned', down: null };
}

function chainProblems(migrations: readonly GraphileMigration[]): string[] {
  return migrations.flatMap(({ file, previous }, index) => {
    const before = migrations[index - 1];
    if (previous === (before?.checksum ?? null)) return [];
    return [
      `${file}:1: "Previous" is ${previous ?? '-'}, but ${before ? `${before.file} has the hash ${before.checksum}` : 'it is the first migration'}`,
    ];
  });
}

async function readTable(
  client: Client,
  table: FoundTable,
  migrations: readonly Migration[],
): Promise<VersionTable<GraphileMigration>> {
  const rows = await readRows<{ hash: string; filename: string }>(client, table, {
    columns: 'hash, filename',
    order: 'filename',
  });
  const byNumber = new Map(migrations.map(({ version }) => [withoutZeros(version), version]));
  const applied = rows?.map(({ hash, filename }): AppliedMigration => {
    const number = /^\d+/.exec(filename)?.[0] ?? filename;
    return { version: byNumber.get(withoutZeros(number)) ?? number, checksum: hash, state: 'applied' };
  });
  const text = (value: string | null): string => (value === null ? 'NULL' : quoteLiteral(value));
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: applied ?? null,
    creation: table.exists
      ? null
      : `CREATE SCHEMA IF NOT EXISTS graphile_migrate;
CREATE TABLE IF NOT EXISTS ${table.name} (
  hash text PRIMARY KEY, previous_hash text REFERENCES ${table.name}, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS graphile_migrate.current (
  filename text PRIMARY KEY DEFAULT 'current.sql', content text NOT NULL, date timestamptz NOT NULL DEFAULT now()
)`,
    begin: () => null,
    record: ({ checksum, previous, version }) =>
      `INSERT INTO ${table.name} (hash, previous_hash, filename) VALUES (${text(checksum)}, ${text(previous)}, ${quoteLiteral(`${version}.sql`)})`,
    forget: ({ checksum }) => `DELETE FROM ${table.name} WHERE hash = ${text(checksum)}`,
    // "GRAPHILE MIGRATE" on the keys of a telephone, says its src/pgReal.ts.
    locks: ['4727445306447283::bigint'],
  };
}
