import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { withLock } from './lock.ts';
import { isRoot } from './program.ts';

/** Where folders are saved. Servers run as another user than root, who cannot look into root's home. */
export function cacheFolder(): string {
  if (isRoot()) return '/var/cache/slipway';
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'slipway');
}

/**
 * A folder that is made once for this machine and saved: whole under its name, or not there at all.
 * @param name Of the folder; another content has another name.
 * @param make Fills an empty folder, and returns which folder in it to save; that will be found at `location`.
 * @returns the absolute path of what was saved. @throws whatever `make` throws.
 */
export async function cached(
  name: string,
  make: (folder: string, location: string) => Promise<string>,
): Promise<string> {
  const cache = cacheFolder();
  const location = path.join(cache, name);
  await mkdir(cache, { recursive: true, mode: 0o755 });
  await withLock(path.join(cache, `${name}.lock`), async () => {
    if (existsSync(location)) return;
    const unfinished = `unfinished-${name}-`;
    for (const left of await readdir(cache)) // by a process that was killed
      if (left.startsWith(unfinished)) await rm(path.join(cache, left), { recursive: true, force: true });
    const folder = await mkdtemp(path.join(cache, unfinished));
    try {
      await rename(await make(folder, location), location);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return location;
}
