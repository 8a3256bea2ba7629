import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow, run } from './program.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Whether this system trusts Debian's archive, so that its packages can be checked. */
export function trustsDebian(): boolean {
  return existsSync(keyring);
}

/** Runs apt-get with the sources it was opened with. @throws Fault that says what was being done. */
export type ArchiveApt = (doing: string, args: string[], cwd?: string) => Promise<string>;

/**
 * apt-get with one release of Debian as its source and its own package lists in `folder`, whatever release this system
 * is: its own sources and its package database stay as they are.
 * @throws Fault when the lists cannot be read.
 */
export async function openDebianArchive(folder: string, suite: string): Promise<ArchiveApt> {
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  const list = join(folder, 'sources.list');
  await writeFile(list, `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main\n`);
  const apart = ['Dir::Etc::sourceparts=/dev/null', `Dir::Etc::sourcelist=${list}`];
  const flags = [...apart, `Dir::State::lists=${folder}/lists`, 'APT::Sandbox::User=root'].flatMap(
    (option) => ['-o', option],
  );
  const aptGet: ArchiveApt = (doing, args, cwd = folder) =>
    execOrThrow(doing, ['apt-get', ...flags, ...args], { cwd, env: { LC_ALL: 'C' } });
  await aptGet("read Debian's package lists", ['update', '-q']);
  return aptGet;
}

/** The mirror this machine already uses, if it runs Debian. */
async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  return /^Debian Debian (\S+)$/m.exec(targets.stdout)?.[1] ?? 'http://deb.debian.org/debian/';
}
