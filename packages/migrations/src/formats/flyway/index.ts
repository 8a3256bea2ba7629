import type { FolderListing, FolderReading, MigrationFormat } from '../format.ts';
import { compareNames, twinProblems } from '../order.ts';
import { locationOf, readDown, readSource, userPath } from '../source.ts';
import { flywayChecksum } from './checksum.ts';
import type { FlywayMigration } from './flyway-migration.ts';
import { compareFlywayVersions, type FlywayName, flywayVersionKey, parseFlywayName } from './names.ts';
import { flywayTable, readFlywayTable } from './version-table.ts';

/** Flyway: `V1_2__name.sql`, `R__name.sql` that runs again when it changes, `U1_2__name.sql` that undoes. */
export const flyway: MigrationFormat = {
  name: 'flyway',
  reads: /\.sql(?:\.conf)?$/,
  table: flywayTable,

  matches({ files }) {
    return [...files.keys()].some((name) => ['versioned', 'repeatable'].includes(parseFlywayName(name).kind));
  },

  read(listing: FolderListing): FolderReading {
    const problems: string[] = [];
    const migrations: FlywayMigration[] = [];
    const undoing = new Map<string, string>();
    for (const script of listing.files.keys()) {
      if (!script.endsWith('.sql')) continue;
      const name = parseFlywayName(script);
      if (name.kind === 'undo') undoing.set(flywayVersionKey(name.version), script);
      else if (name.kind === 'versioned' || name.kind === 'repeatable') {
        migrations.push(migrationOf(listing, script, name, problems));
      } else problems.push(nameProblem(userPath(listing, script), name.kind));
    }
    for (const migration of migrations.filter(({ kind }) => kind === 'versioned')) {
      const key = flywayVersionKey(migration.version);
      migration.down = readDown(listing, undoing.get(key) ?? '');
      undoing.delete(key);
    }
    for (const script of undoing.values()) {
      problems.push(`${userPath(listing, script)}: there is no versioned migration that it reverts`);
    }
    problems.push(...twinProblems(migrations, keyOf, 'version'));
    migrations.sort(compareMigrations);
    return { migrations, problems };
  },

  readTable: readFlywayTable,
};

function keyOf({ kind, version, description }: FlywayMigration): string {
  return kind === 'versioned' ? flywayVersionKey(version) : `R ${description}`;
}

/** Repeatable ones come last, by their description. */
function compareMigrations(a: FlywayMigration, b: FlywayMigration): number {
  if (a.kind !== b.kind) return a.kind === 'versioned' ? -1 : 1;
  return a.kind === 'versioned'
    ? compareFlywayVersions(a.version, b.version)
    : compareNames(a.description, b.description);
}

function migrationOf(
  listing: FolderListing,
  script: string,
  name: Extract<FlywayName, { description: string }>,
  problems: string[],
): FlywayMigration {
  const { content: _, problems: found, ...source } = readSource(listing, script);
  const settings = readSettings(listing, `${script}.conf`, problems);
  problems.push(...found);
  const placeholder = /\$\{[^}\n]*\}/.exec(source.sql);
  if (placeholder && settings.get('placeholderReplacement') !== 'false') {
    problems.push(
      `${locationOf(source.file, source.sql, placeholder.index)}: flyway would replace ${placeholder[0]}; without flyway it stays`,
    );
  }
  return {
    ...source,
    version: name.kind === 'repeatable' ? `R__${name.description.replaceAll(' ', '_')}` : name.version,
    description: name.description,
    script,
    checksum: flywayChecksum(source.sql),
    kind: name.kind === 'repeatable' ? 'repeatable' : 'versioned',
    transaction: settings.get('executeInTransaction') === 'false' ? 'none' : source.transaction,
    down: null,
  };
}

/** `<script>.conf` next to a script: `key=value` lines. */
function readSettings(listing: FolderListing, name: string, problems: string[]): Map<string, string> {
  const settings = new Map<string, string>();
  const text = listing.files.get(name)?.toString('utf8') ?? '';
  for (const match of text.matchAll(/^[ \t]*([A-Za-z][\w.]*)[ \t]*=[ \t]*(\S*)[ \t]*$/gm)) {
    const [, key = '', value = ''] = match;
    if (['executeInTransaction', 'placeholderReplacement', 'encoding'].includes(key))
      settings.set(key, value);
    else
      problems.push(
        `${locationOf(userPath(listing, name), text, match.index)}: "${key}" has a meaning for flyway only`,
      );
  }
  return settings;
}

function nameProblem(file: string, kind: FlywayName['kind']): string {
  if (kind === 'callback') return `${file}: callbacks of flyway are not run; see database.migrations.command`;
  if (kind === 'baseline')
    return `${file}: baseline migrations of flyway are not supported; see database.migrations.command`;
  return `${file}: the name is not valid for flyway; examples: V3__add_language.sql or R__views.sql`;
}
