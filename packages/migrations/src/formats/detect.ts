import { setImmediate as turn } from 'node:timers/promises';
import { UserError } from '@slipway/kernel';
import { readFolder } from './folder.ts';
import type { FolderListing, FormatName, Migration, MigrationFormat } from './format.ts';
import { formatOf, formats } from './index.ts';
import { refuseOtherTool } from './refuse-other-tool.ts';

const specific = formats.filter(({ name }) => name !== 'plain');

/** Every format that `database.migrations.format` can name. */
export const formatNames: readonly FormatName[] = formats.map(({ name }) => name);

/**
 * Which tool a folder is written for. Pure.
 * @param wanted What the user says decides.
 * @throws UserError that names what was seen, when none or several fit.
 */
export function detectFormat(listing: FolderListing, wanted?: FormatName): MigrationFormat {
  if (wanted) return formatOf(wanted);
  const { folder, files } = listing;
  if (files.size === 0) {
    throw new UserError(`the folder ${folder} contains no migrations`, {
      hint: 'Number the first one, as in 001_first.sql, or leave the "database" section out.',
    });
  }
  const fitting = specific.filter((format) => format.matches(listing));
  const [only, second] = fitting;
  if (only && second) {
    throw new UserError(
      `the folder ${folder} may belong to ${fitting.map(({ name }) => name).join(' or ')}: it contains ${seen(listing)}`,
      { hint: `Set the one that is right, such as database.migrations.format: ${only.name}.` },
    );
  }
  if (only) return only;
  refuseOtherTool(listing);
  const plain = formatOf('plain');
  if (plain.matches(listing)) return plain;
  throw new UserError(`the folder ${folder} contains no readable migrations: it contains ${seen(listing)}`, {
    hint: `Name SQL files as in 001_first.sql, or name their tool in database.migrations.format: ${formatNames.join(' | ')}.`,
  });
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
    throw new UserError(`the folder ${listing.folder} contains no migrations of ${format.name}`, {
      hint: wanted
        ? 'Leave database.migrations.format out to have the format detected.'
        : 'Set database.migrations.dir.',
    });
  }
  return { format, migrations };
}
