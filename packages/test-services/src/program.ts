import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Command, createExec, type Exec, expectSuccess, Redactor } from '@slipway/kernel';

/** Servers live in the sbin folders, which an ordinary user's PATH leaves out. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where the first of these programs is installed, absolute; undefined when none is. */
export function findProgram(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...serverFolders];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** How a program of ours finished; `code` is null when a signal or the deadline ended it. */
export interface ProgramResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command in this process's environment and returns how it finished. */
export async function run(
  argv: Command['argv'],
  options: Omit<Command, 'argv'> = {},
): Promise<ProgramResult> {
  const result = await ownExec()({ argv, ...options });
  const { stdout, stderr } = result;
  return { code: result.state === 'exited' ? result.code : null, stdout: stdout.data, stderr: stderr.data };
}

/** Tests and the demo use secrets that they made themselves. */
function ownExec(): Exec {
  return createExec({
    env: ownEnvironment(),
    signal: new AbortController().signal,
    redactor: new Redactor(),
  });
}

/** stdout of a command that must succeed. @throws Fault that says what was being done. */
export async function execOrThrow(
  doing: string,
  argv: Command['argv'],
  options: Omit<Command, 'argv'> = {},
): Promise<string> {
  return expectSuccess(await ownExec()({ argv, ...options }), doing).data;
}

/** This process's environment without unset names. */
export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Debian, Ubuntu and their kin: what has apt-get and dpkg. */
export function isDebianLike(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg');
}
