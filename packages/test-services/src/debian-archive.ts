import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow, run } from './program.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Whether this system trusts Debian's archive, so that its packages can be checked. */
export function trustsDebian(): boolean {
  return existsSync(keyring);
}

/** One line of a source list: what to take, `deb` or `deb-src`, of which release. */
export interface ArchiveSource {
  type: 'deb' | 'deb-src';
  suite: string;
  /** Of Debian's security archive, which has its own place. */
  security?: boolean;
}

/** Runs apt-get with the sources it was opened with. @throws Fault that says what was being done. */
export type ArchiveApt = (doing: string, args: string[], cwd?: string) => Promise<string>;

/**
 * apt-get with a source list and its own package lists in `folder`, whatever release this system is: its own
 * sources and its package database stay as they are.
 * @throws Fault when the lists cannot be read.
 */
export async function openDebianArchive(folder: string, sources: ArchiveSource[]): Promise<ArchiveApt> {
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  const list = join(folder, 'sources.list');
  const mirrors = await debianMirrors();
  const lines = sources.map(({ type, suite, security }) => {
    return `${type} [signed-by=${keyring}] ${security ? mirrors.security : mirrors.main} ${suite} main\n`;
  });
  await writeFile(list, lines.join(''));
  const apart = ['Dir::Etc::sourceparts=/dev/null', `Dir::Etc::sourcelist=${list}`];
  const flags = [...apart, `Dir::State::lists=${folder}/lists`, 'APT::Sandbox::User=root'].flatMap(
    (option) => ['-o', option],
  );
  const aptGet: ArchiveApt = (doing, args, cwd = folder) =>
    execOrThrow(doing, ['apt-get', ...flags, ...args], { cwd, env: { LC_ALL: 'C' } });
  await aptGet("read Debian's package lists", ['update', '-q']);
  return aptGet;
}

/** The mirrors this machine already uses, if it runs Debian. */
async function debianMirrors(): Promise<{ main: string; security: string }> {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const targets = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  return {
    main: /^Debian Debian (\S+)$/m.exec(targets.stdout)?.[1] ?? 'http://deb.debian.org/debian/',
    security:
      /^Debian Debian-Security (\S+)$/m.exec(targets.stdout)?.[1] ?? 'http://deb.debian.org/debian-security/',
  };
}
