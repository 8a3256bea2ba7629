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
import { compareNames, twinProblems } from '../order.ts';
import { blankOut, locationOf, readDown, readSource, type SourceFile, userPath } from '../source.ts';

/** As node-pg-migrate's src/sqlMigration.ts looks for them. */
const upComment = /^\s*--[\s-]*up\s+migration/im;
const downComment = /^\s*--[\s-]*down\s+migration/im;
const paired = /^(?:\d{13}|\d{17})_[^/]*\.up\.sql$/;
const script = /^[^/.][^/]*\.[cm]?[jt]s$/;
const suffix = /(?:\.up)?\.sql$/;

/** node-pg-migrate with SQL: `1700000000000_name.sql` with two comments in it, or a pair `.up.sql` and `.down.sql`. */
export const nodePgMigrate: MigrationFormat = {
  name: 'node-pg-migrate',
  reads: /\.sql$/,
  table: {
    name: 'pgmigrations',
    schema: null,
    accepts: (table) => hasColumns(table, 'id', 'name', 'run_on'),
    versions: 'SELECT name FROM pgmigrations ORDER BY id',
  },

  matches({ files }) {
    return [...files].some(([name, content]) => {
      return paired.test(name) || (/^\d+[^/]*\.sql$/.test(name) && upComment.test(textOf(content)));
    });
  },

  read,
  readTable,
};

function read(listing: FolderListing): FolderReading {
  const problems: string[] = [];
  const migrations: Migration[] = [];
  for (const name of listing.files.keys()) {
    const file = userPath(listing, name);
    if (name.includes('/') || name.startsWith('.')) continue;
    if (script.test(name))
      problems.push(`${file}: only migrations in SQL can be read; see database.migrations.command`);
    if (!name.endsWith('.sql')) continue;
    const id = name.replace(suffix, '');
    if (!/^\d/.test(name)) {
      problems.push(`${file}: the name does not begin with a number, as in 1700000000000_add-language.sql`);
    } else if (name.endsWith('.down.sql')) {
      const up = name.replace(/\.down\.sql$/, '.up.sql');
      if (!listing.files.has(up)) problems.push(`${file}: there is no ${up} for it`);
    } else {
      const { content: _, problems: found, ...source } = readSource(listing, name);
      const parts = name.endsWith('.up.sql')
        ? { sql: source.sql, down: readDown(listing, `${id}.down.sql`), problems: [] }
        : sections(source);
      problems.push(...found, ...parts.problems);
      const { sql, down } = parts;
      migrations.push({ ...source, version: id, sql, checksum: null, kind: 'versioned', down });
    }
  }
  problems.push(...twinProblems(migrations, ({ version }) => version, 'name'));
  migrations.sort((a, b) => compareFiles(a.version, b.version));
  return { migrations, problems };
}

/** Each part goes from its comment to the other one. Pure. */
function sections({ file, sql }: Pick<SourceFile, 'file' | 'sql'>): Pick<Migration, 'sql' | 'down'> & {
  problems: string[];
} {
  const [up, down] = [sql.search(upComment), sql.search(downComment)];
  if (down < 0) return { sql, down: null, problems: [] };
  if (up < 0) {
    const problem = 'there is no comment "Up Migration", so node-pg-migrate would run the Down part as well';
    return { sql, down: null, problems: [`${locationOf(file, sql, down)}: ${problem}`] };
  }
  const end = sql.length;
  const [first, second] = up < down ? [up, down] : [down, up];
  const head = blankOut(blankOut(sql, 0, first), second, end);
  const tail = blankOut(sql, 0, second);
  return up < down
    ? { sql: head, down: { file, sql: tail }, problems: [] }
    : { sql: tail, down: { file, sql: head }, problems: [] };
}

/** By the number, of which 17 digits are a date; then by name. After node-pg-migrate's src/utils/comparators.ts. */
function compareFiles(a: string, b: string): number {
  // 1_a and 01_a are alike for all that it compares; the order must not depend on the file system.
  return momentOf(a) - momentOf(b) || naturally().compare(a, b) || compareNames(a, b);
}

let collator: Intl.Collator | undefined;

/** Made when it is asked for: that takes 6 ms, and most folders have no use for it. */
function naturally(): Intl.Collator {
  collator ??= new Intl.Collator('en', { numeric: true, ignorePunctuation: true });
  return collator;
}

function momentOf(name: string): number {
  const digits = /^\d+/.exec(name)?.[0] ?? '';
  if (digits.length !== 17) return Number(digits);
  const [date, time] = [digits.slice(0, 8), digits.slice(8)];
  const day = date.replace(/(....)(..)(..)/, '$1-$2-$3');
  return Date.parse(`${day}T${time.replace(/(..)(..)(..)(...)/, '$1:$2:$3.$4')}Z`) || Number(digits);
}

async function readTable(client: Client, table: FoundTable): Promise<VersionTable> {
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: await readRows<AppliedMigration>(client, table, {
      columns: `name AS version, NULL AS checksum, 'applied' AS state`,
      order: 'run_on, id',
    }),
    creation: table.exists
      ? null
      : `CREATE TABLE IF NOT EXISTS ${table.name} (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)`,
    begin: () => null,
    record: ({ version }) =>
      `INSERT INTO ${table.name} (name, run_on) VALUES (${quoteLiteral(version)}, now())`,
    forget: ({ version }) => `DELETE FROM ${table.name} WHERE name = ${quoteLiteral(version)}`,
    // PG_MIGRATE_LOCK_ID of its src/runner.ts.
    locks: ['7241865325823964::bigint'],
  };
}
