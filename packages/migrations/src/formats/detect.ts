import { setImmediate as turn } from 'node:timers/promises';
import { UserError } from '@slipway/kernel';
import { dbmate } from './dbmate/index.ts';
import { drizzle } from './drizzle/index.ts';
import { flyway } from './flyway/index.ts';
import { readFolder } from './folder.ts';
import type { FolderListing, FormatName, Migration, MigrationFormat } from './format.ts';
import { golangMigrate } from './golang-migrate/index.ts';
import { graphileMigrate } from './graphile-migrate/index.ts';
import { nodePgMigrate } from './node-pg-migrate/index.ts';
import { refuseOtherTool } from './other-tools.ts';
import { plain } from './plain/index.ts';
import { prisma } from './prisma/index.ts';
import { sqitch } from './sqitch/index.ts';

/** Those of a tool before plain numbers, which many of them use as well. */
const formats: Readonly<Record<FormatName, MigrationFormat>> = {
  sqitch,
  drizzle,
  prisma,
  'graphile-migrate': graphileMigrate,
  flyway,
  'golang-migrate': golangMigrate,
  dbmate,
  'node-pg-migrate': nodePgMigrate,
  plain,
};
const specific = Object.values(formats).filter((format) => format !== plain);

/** Every format that `database.migrations.format` can name. */
export const formatNames = Object.keys(formats) as readonly FormatName[];

/** The format of a name. */
export function formatOf(name: FormatName): MigrationFormat {
  return formats[name];
}

/**
 * Which tool a folder is written for. Pure.
 * @param wanted What the user says decides.
 * @throws UserError that names what was seen, when none or several fit.
 */
export function detectFormat(listing: FolderListing, wanted?: FormatName): MigrationFormat {
  if (wanted) return formatOf(wanted);
  const { folder, files } = listing;
  if (files.size === 0) {
    throw new UserError(`the folder ${folder} holds no migrations`, {
      hint: 'Number the first one, as in 001_first.sql, or leave the "database" section out.',
    });
  }
  const fitting = specific.filter((format) => format.matches(listing));
  const [only, second] = fitting;
  if (only && second) {
    throw new UserError(
      `the folder ${folder} looks like one of ${fitting.map(({ name }) => name).join(' and of ')}: it holds ${seen(listing)}`,
      { hint: `Say which it is: database.migrations.format: ${only.name}.` },
    );
  }
  if (only) return only;
  const foreign = refuseOtherTool(listing);
  if (foreign) throw foreign;
  if (plain.matches(listing)) return plain;
  throw new UserError(
    `the folder ${folder} holds no migrations that can be read: it holds ${seen(listing)}`,
    {
      hint: `Name SQL files as in 001_first.sql, or say what they are with database.migrations.format: ${formatNames.join(' | ')}.`,
    },
  );
}

function seen({ files }: FolderListing): string {
  const names = [...files.keys()];
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

/**
 * Reads the migrations of a folder as the tool does for which they are written, in the order in which they run.
 * @param folder Path relative to `workspace`.
 * @throws UserError with everything that is wrong with the files, before anything runs.
 */
export async function readMigrationFolder(
  workspace: string,
  folder: string,
  { format: wanted }: { format?: FormatName | undefined } = {},
): Promise<{ format: MigrationFormat; migrations: Migration[] }> {
  const listing = await readFolder(workspace, folder);
  const format = detectFormat(listing, wanted);
  await turn();
  const { migrations, problems } = format.read(listing);
  if (problems.length > 0) {
    throw new UserError(`the migrations (${format.name}) cannot be run:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  if (migrations.length === 0) {
    throw new UserError(`the folder ${listing.folder} holds no migrations of ${format.name}`, {
      hint: wanted
        ? 'Leave database.migrations.format out to have the format told from the files.'
        : 'Set database.migrations.dir.',
    });
  }
  return { format, migrations };
}
