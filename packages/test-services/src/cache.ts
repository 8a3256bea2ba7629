import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { withLock } from './lock.ts';
import { isRoot } from './program.ts';

/**
 * A folder that is made once for this machine and kept: whole under its name, or not there at all.
 * @param name Of the folder; another content has another name.
 * @param make Fills an empty folder, and returns which folder in it to keep; that will be found at `place`.
 * @returns the absolute path of what is kept. @throws whatever `make` throws.
 */
export async function cached(
  name: string,
  make: (folder: string, place: string) => Promise<string>,
): Promise<string> {
  // Servers run as another user than root, who cannot look into root's home.
  const cache = isRoot()
    ? '/var/cache/slipway'
    : path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'slipway');
  const place = path.join(cache, name);
  await mkdir(cache, { recursive: true, mode: 0o755 });
  await withLock(path.join(cache, `${name}.lock`), async () => {
    if (existsSync(place)) return;
    const folder = await mkdtemp(path.join(cache, 'unfinished-'));
    try {
      await rename(await make(folder, place), place);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return place;
}
