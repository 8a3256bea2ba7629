import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDebianArchive } from './debian-archive.ts';
import { execOrThrow } from './program.ts';

/** Where the Docker CLI looks whatever the user's configuration says. */
export const pluginFolder = '/usr/local/lib/docker/cli-plugins';

/**
 * Takes Docker's CLI plugins out of Debian 13's packages on a system whose own are too old, and leaves this
 * system's package sources and database as they are. The plugins are single Go programs that run anywhere.
 */
export async function installDebianPlugins(packages: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-plugins-'));
  try {
    await chmod(folder, 0o755); // apt downloads as its own user
    const aptGet = await openDebianArchive(folder, 'trixie');
    await aptGet('download Docker plugins', ['download', '-q', ...packages]);
    for (const file of await readdir(folder))
      if (file.endsWith('.deb'))
        await execOrThrow(`unpack ${file}`, ['dpkg', '-x', join(folder, file), folder]);
    await installFrom(join(folder, 'usr/libexec/docker/cli-plugins'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installFrom(unpacked: string): Promise<void> {
  await mkdir(pluginFolder, { recursive: true });
  for (const name of await readdir(unpacked)) {
    const partial = join(pluginFolder, `.${name}.new`);
    await copyFile(join(unpacked, name), partial);
    await chmod(partial, 0o755);
    await rename(partial, join(pluginFolder, name)); // never half a program under the name
  }
}
