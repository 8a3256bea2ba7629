import type { FolderListing, FolderReading, Migration, MigrationFormat } from '../format.ts';
import { compareNumbers, twinProblems, withoutZeros } from '../order.ts';
import { readDown, readSource, userPath } from '../source.ts';
import { plainTable, readPlainTable } from './version-table.ts';

const named = /^(\d+)[_-][^/]*\.sql$/;
const undoing = /\.(?:down|rollback|undo)\.sql$/;
const withoutTransaction = /^--[ \t]*no-transaction[ \t]*(?:\r?\n|$)/;

/** Numbered SQL files without a tool: `003_add_language.sql`, perhaps with `003_add_language.down.sql`. */
export const plain: MigrationFormat = {
  name: 'plain',
  reads: /\.sql$/,
  table: plainTable,

  matches({ files }) {
    return [...files.keys()].some((name) => named.test(name) && !undoing.test(name));
  },

  read(listing: FolderListing): FolderReading {
    const problems: string[] = [];
    const migrations: Migration[] = [];
    const undone = [...listing.files.keys()].some((name) => undoing.test(name));
    for (const name of listing.files.keys()) {
      // Folders below are the team's own: assertions, seeds.
      if (name.includes('/') || !name.endsWith('.sql')) continue;
      if (undoing.test(name)) {
        if (!listing.files.has(name.replace(undoing, '.sql'))) {
          problems.push(
            `${userPath(listing, name)}: there is no ${name.replace(undoing, '.sql')} that it reverts`,
          );
        }
        continue;
      }
      const version = named.exec(name)?.[1];
      if (version === undefined) {
        problems.push(
          `${userPath(listing, name)}: the name does not begin with a number and "_", as in 003_add_language.sql`,
        );
        continue;
      }
      const { content: _, problems: found, ...source } = readSource(listing, name);
      problems.push(...found);
      migrations.push({
        ...source,
        version,
        checksum: source.sha256,
        kind: 'versioned',
        transaction: withoutTransaction.test(source.sql) ? 'none' : source.transaction,
        down: undone ? downOf(listing, name) : null,
      });
    }
    problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
    migrations.sort((a, b) => compareNumbers(a.version, b.version));
    return { migrations, problems };
  },

  readTable: readPlainTable,
};

function downOf(listing: FolderListing, name: string): Migration['down'] {
  const suffix = ['.down.sql', '.rollback.sql', '.undo.sql'].find((one) =>
    listing.files.has(name.replace(/\.sql$/, one)),
  );
  return suffix === undefined ? null : readDown(listing, name.replace(/\.sql$/, suffix));
}
