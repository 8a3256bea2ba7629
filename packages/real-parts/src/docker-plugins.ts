import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demand, run } from './program.ts';

/** Where the Docker CLI looks whatever the user's configuration says. */
export const pluginFolder = '/usr/local/lib/docker/cli-plugins';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Whether this system trusts Debian's archive, so that its packages can be checked. */
export function canUseDebianPlugins(): boolean {
  return existsSync(keyring);
}

/**
 * Takes Docker's CLI plugins out of Debian 13's packages on a system whose own are too old, and leaves this
 * system's package sources and database as they are. The plugins are single Go programs that run anywhere.
 */
export async function installDebianPlugins(packages: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-plugins-'));
  try {
    await chmod(folder, 0o755); // apt downloads as a user of its own
    await mkdir(join(folder, 'lists/partial'), { recursive: true });
    const sources = join(folder, 'sources.list');
    await writeFile(sources, `deb [signed-by=${keyring}] ${await debianMirror()} trixie main\n`);
    const apart = ['Dir::Etc::sourceparts=/dev/null', `Dir::Etc::sourcelist=${sources}`];
    const flags = [...apart, `Dir::State::lists=${folder}/lists`, 'APT::Sandbox::User=root'].flatMap(
      (option) => ['-o', option],
    );
    await demand('read the package list of Debian 13', ['apt-get', ...flags, 'update', '-q']);
    await demand('download Docker plugins', ['apt-get', ...flags, 'download', '-q', ...packages], {
      cwd: folder,
    });
    for (const file of await readdir(folder))
      if (file.endsWith('.deb')) await demand(`unpack ${file}`, ['dpkg', '-x', join(folder, file), folder]);
    await installFrom(join(folder, 'usr/libexec/docker/cli-plugins'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installFrom(unpacked: string): Promise<void> {
  await mkdir(pluginFolder, { recursive: true });
  for (const name of await readdir(unpacked)) {
    const beside = join(pluginFolder, `.${name}.new`);
    await copyFile(join(unpacked, name), beside);
    await chmod(beside, 0o755);
    await rename(beside, join(pluginFolder, name)); // never half a program under the name
  }
}

/** The mirror this machine already uses, if it runs Debian. */
async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  const uri = /^Debian Debian (\S+)$/m.exec(targets.stdout)?.[1];
  return uri ?? 'http://deb.debian.org/debian/';
}
