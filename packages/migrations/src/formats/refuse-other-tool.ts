import { UserError } from '@slipway/kernel';
import { textOf } from '@slipway/sql';
import type { FolderListing } from './format.ts';
import { otherTools } from './other-tools.ts';

/** @throws UserError that names another tool, when the folder belongs to it. */
export function refuseOtherTool({ folder: shown, files }: FolderListing): void {
  const all = [...files];
  const others = all.flatMap(([file]) => (file.endsWith('.sql') ? [] : [file]));
  const commented = all.filter(([file, content]) => file.endsWith('.sql') && textOf(content).includes('--'));
  for (const { tool, folder } of otherTools) {
    if (!folder) continue;
    const { name, text, command } = folder;
    const [written] = commented.find(([, content]) => text?.test(textOf(content))) ?? [];
    const file = written ?? others.find((other) => name?.test(other));
    if (file === undefined) continue;
    throw new UserError(`the folder ${shown} belongs to ${tool}: it contains ${file}`, {
      hint: `Let the tool run it: database.migrations.command: ${command}. It runs with the same lock, backup and verification around it.`,
    });
  }
}
