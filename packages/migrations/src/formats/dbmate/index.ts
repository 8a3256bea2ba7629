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
import { readSource, userPath } from '../source.ts';
import { dbmateSections } from './sections.ts';

const named = /^(\d+)[^/]*\.sql$/;
const marked = /^--\s*migrate:up(?:\s*$|\s+\S+)/m;

/** dbmate: one file with `-- migrate:up` and `-- migrate:down`, and a row per version. It orders by file name. */
export const dbmate: MigrationFormat = {
  name: 'dbmate',
  reads: /\.sql$/,
  table: {
    name: 'schema_migrations',
    schema: null,
    accepts: (table) => hasColumns(table, 'version'),
    versions: null,
    shared: {
      owner: 'dbmate, or a tool like it,',
      owns: ({ columns }) => columns.length === 1 && columns[0]?.name === 'version',
      unmistakable: false,
      compatible: [],
    },
  },

  matches({ files }) {
    return [...files].some(([name, content]) => named.test(name) && marked.test(textOf(content)));
  },

  read(listing: FolderListing): FolderReading {
    const problems: string[] = [];
    const migrations: Migration[] = [];
    for (const name of [...listing.files.keys()].sort(compareNames)) {
      if (name.includes('/') || !name.endsWith('.sql')) continue;
      const version = named.exec(name)?.[1];
      if (version === undefined) {
        problems.push(
          `${userPath(listing, name)}: the name does not begin with a number, as in 20240131120000_add_language.sql`,
        );
        continue;
      }
      const { content: _, problems: found, ...source } = readSource(listing, name);
      const sections = found.length > 0 ? undefined : dbmateSections(source.file, source.sql);
      problems.push(...found, ...(sections?.problems ?? []));
      migrations.push({
        ...source,
        version,
        sql: sections?.up ?? '',
        checksum: null,
        kind: 'versioned',
        transaction: sections?.transaction ?? 'auto',
        down: sections ? { file: source.file, sql: sections.down } : null,
      });
    }
    return { migrations, problems: [...problems, ...twinProblems(migrations, ({ version }) => version)] };
  },

  async readTable(client: Client, table: FoundTable): Promise<VersionTable> {
    return {
      table: table.name,
      lists: { versions: 'all' },
      rows: await readRows<AppliedMigration>(client, table, {
        columns: `version::text, NULL AS checksum, 'applied' AS state`,
        order: 'version',
      }),
      creation: table.exists
        ? null
        : `CREATE TABLE IF NOT EXISTS ${table.name} (version varchar PRIMARY KEY)`,
      begin: () => null,
      record: ({ version }) => `INSERT INTO ${table.name} (version) VALUES (${quoteLiteral(version)})`,
      forget: ({ version }) => `DELETE FROM ${table.name} WHERE version = ${quoteLiteral(version)}`,
      locks: [],
    };
  },
};
