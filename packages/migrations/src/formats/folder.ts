import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describeError, UserError } from '@slipway/kernel';
import type { FolderListing } from './format.ts';
import { formats } from './index.ts';

/** Deep enough for sqitch and flyway, whose scripts may be in folders of folders. */
const maxDepth = 8;
/** Snapshots of drizzle alone can be hundreds of megabytes. */
const isRead = new RegExp(formats.map(({ reads }) => `(?:${reads.source})`).join('|'));
const skipped = new Set(['node_modules', '.git']);

/** Files that are read before others get their turn: what a connection that is being opened waits for, above all. */
const atOnce = 50;

/**
 * The files below a folder of the workspace. Those that no format reads are listed without their content.
 * Files are read one after the other: for thousands of small ones that is several times as fast as all at once.
 * @throws UserError when there is no such folder, when something in it cannot be read, or leads out of the workspace.
 */
export async function readFolder(workspace: string, folder: string): Promise<FolderListing> {
  const root = realpathSync(workspace);
  const top = path.join(root, folder);
  const stat = statSync(top, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    throw new UserError(`there is no folder ${folder} for the migrations`, {
      hint: 'Set database.migrations.dir.',
    });
  }
  const shown = path.posix.normalize(folder).replace(/\/$/, '');
  const files = new Map<string, Buffer>();
  try {
    assertInside(root, top, shown);
    const found = collect({ root, shown }, top, '', 0);
    for (const [index, { name, at }] of found.entries()) {
      if (index % atOnce === 0) await turn();
      files.set(name, isRead.test(name) ? readFileSync(at) : Buffer.alloc(0));
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${shown} cannot be read: ${describeError(error)}`, { cause: error });
  }
  return { folder: shown, files };
}

interface Walk {
  root: string;
  shown: string;
}

interface FoundFile {
  name: string;
  at: string;
}

function collect(walk: Walk, absolute: string, below: string, depth: number): FoundFile[] {
  const entries = readdirSync(absolute, { withFileTypes: true });
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const at = `${absolute}${path.sep}${entry.name}`;
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const kind = kindOf(walk, entry, at, name);
    if (kind === 'folder' && depth < maxDepth) return collect(walk, at, name, depth + 1);
    return kind === 'file' ? [{ name, at }] : [];
  });
}

function kindOf(walk: Walk, entry: Dirent, at: string, name: string): 'file' | 'folder' | 'other' {
  if (!entry.isSymbolicLink()) return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
  assertInside(walk.root, at, path.posix.join(walk.shown, name));
  const target = statSync(at);
  return target.isFile() ? 'file' : target.isDirectory() ? 'folder' : 'other';
}

/** What is outside the workspace is not part of the commit that is being deployed. */
function assertInside(root: string, at: string, shown: string): void {
  const real = realpathSync(at);
  if (real === root || real.startsWith(`${root}${path.sep}`)) return;
  throw new UserError(`${shown} points outside the repository`, {
    hint: 'Put the file itself there instead of a symbolic link.',
  });
}
