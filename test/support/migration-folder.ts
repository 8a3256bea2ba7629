import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { FolderListing } from '@slipway/migrations';

/** Files by their path, with what is in them. */
export type Files = Record<string, string | Buffer>;

/** A folder `migrations` as a listing, without a disk. */
export function listing(files: Files): FolderListing {
  const entries = Object.entries(files).map(([name, content]): [string, Buffer] => [
    name,
    Buffer.from(content),
  ]);
  return { folder: 'migrations', files: new Map(entries) };
}

/** A temporary workspace with the files in its folder `migrations`. The caller removes it. */
export function workspaceWith(files: Files): string {
  const workspace = mkdtempSync(path.join(tmpdir(), 'slipway-formats-'));
  writeInto(workspace, files);
  return workspace;
}

export function writeInto(workspace: string, files: Files): void {
  mkdirSync(path.join(workspace, 'migrations'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(workspace, 'migrations', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
