import { globSync, statSync } from 'node:fs';
import * as path from 'node:path';

export interface FoundFiles {
  /** Folder that the names in the artifact are relative to. */
  root: string;
  /** Absolute paths of files. */
  files: string[];
}

/** The files that patterns name, one per line, `!` takes away. Hidden ones only when asked for, as upload-artifact does. */
export function findFiles(workspace: string, lines: string, hidden: boolean): FoundFiles {
  const patterns = lines.split('\n').map((line) => line.trim());
  const files = new Set<string>();
  const starts: string[] = [];
  for (const pattern of patterns.filter((line) => line !== '')) {
    const negative = pattern.startsWith('!');
    const absolute = path.resolve(workspace, negative ? pattern.slice(1) : pattern);
    if (!negative) starts.push(fixedPart(absolute));
    for (const file of filesUnder(absolute)) {
      if (negative) files.delete(file);
      else if (hidden || !isHidden(file, fixedPart(absolute))) files.add(file);
    }
  }
  return { root: commonFolder(starts), files: [...files].sort() };
}

function filesUnder(pattern: string): string[] {
  const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  return globSync(pattern)
    .flatMap((found) => (isFile(found) ? [found] : globSync(path.join(found, '**'))))
    .filter(isFile);
}

/** The part of a pattern before the first wildcard: the folder that its matches are named from. */
function fixedPart(pattern: string): string {
  const parts = pattern.split(path.sep);
  const wild = parts.findIndex((part) => /[*?[\]]/.test(part));
  if (wild >= 0) return parts.slice(0, wild).join(path.sep) || path.sep;
  return statSync(pattern, { throwIfNoEntry: false })?.isDirectory() ? pattern : path.dirname(pattern);
}

function isHidden(file: string, from: string): boolean {
  return path
    .relative(from, file)
    .split(path.sep)
    .some((part) => part.startsWith('.'));
}

function commonFolder(folders: readonly string[]): string {
  const [first = path.sep, ...rest] = folders;
  const parts = first.split(path.sep);
  const same = (count: number): boolean => {
    const prefix = parts.slice(0, count).join(path.sep);
    return rest.every((folder) => folder === prefix || folder.startsWith(prefix + path.sep));
  };
  let count = parts.length;
  while (count > 1 && !same(count)) count--;
  return parts.slice(0, count).join(path.sep) || path.sep;
}
