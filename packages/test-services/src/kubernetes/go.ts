import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDebianArchive, trustsDebian } from '../debian-archive.ts';
import { execOrThrow, findProgram, isDebianLike, run } from '../program.ts';

/** From this version on, Go fetches the version that a module asks for. */
const oldestUsable = [1, 21] as const;

/** What is taken of Debian 13 where this system has no Go, or one that is too old. */
const packages = ['golang-1.24-go', 'golang-1.24-src'];

/** Runs Go as it was set up. @throws Fault that says what was being done. */
export type Go = (doing: string, args: string[], cwd: string) => Promise<string>;

/**
 * A Go whose every file, what it downloads and compiles included, is below `folder`. It is this system's, or else that of
 * Debian 13, which is not installed.
 */
export async function prepareGo(folder: string, say: (line: string) => void): Promise<Go> {
  const program = (await findGo()) ?? (await unpackGo(folder, say));
  const env = {
    GOPATH: join(folder, 'go'),
    GOCACHE: join(folder, 'go-cache'),
    GO111MODULE: 'on',
    GOFLAGS: '-mod=mod -modcacherw',
    GOTOOLCHAIN: 'auto',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  return (doing, args, cwd) => execOrThrow(doing, [program, ...args], { cwd, env });
}

/** Whether `prepareGo` has what it needs. */
export async function mayHaveGo(): Promise<boolean> {
  return (await findGo()) !== undefined || (isDebianLike() && trustsDebian());
}

async function findGo(): Promise<string | undefined> {
  const program = findProgram('go');
  if (!program) return undefined;
  const { stdout } = await run([program, 'version'], { cwd: '/', env: { GOTOOLCHAIN: 'local' } });
  const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
  const usable = major > oldestUsable[0] || (major === oldestUsable[0] && minor >= oldestUsable[1]);
  return usable ? program : undefined;
}

async function unpackGo(folder: string, say: (line: string) => void): Promise<string> {
  say('Go 1.21 or newer: not found, taking that of Debian 13 for this build');
  const root = join(folder, 'debian');
  const aptGet = await openDebianArchive(root, 'trixie');
  await chmod(root, 0o755); // apt downloads as its own user
  await aptGet('download Go', ['download', '-q', ...packages]);
  for (const file of await readdir(root))
    if (file.endsWith('.deb')) await execOrThrow(`unpack ${file}`, ['dpkg', '-x', join(root, file), root]);
  return join(root, 'usr/lib/go-1.24/bin/go');
}
