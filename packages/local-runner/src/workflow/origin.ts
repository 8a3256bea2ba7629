import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '@slipway/kernel';

/** The repository that a workflow file belongs to, and so what `$/` means in it. */
export interface Origin {
  /** `OWNER/slipway`. */
  repository: string;
  dir: string;
  sha: string;
  ref: string;
  /** The text of a file of it. @throws UserError when there is none. */
  read(file: string): Promise<string>;
  /** Its files as a folder; made below `sources` when there is none yet. */
  folder(sources: string): Promise<string>;
}

/** A repository at one commit; what is not committed does not exist in it, as on GitHub. */
export function commitOrigin(repository: { name: string; dir: string; sha: string; ref: string }): Origin {
  const { name, dir, sha, ref } = repository;
  const read = async (file: string): Promise<string> => {
    const args = ['-C', dir, 'show', `${sha}:${file.replace(/^\.\//, '')}`];
    const { stdout } = await promisify(execFile)('git', args, { maxBuffer: 1 << 24 }).catch((cause) => {
      throw new UserError(`${name} has no file ${file} at commit ${sha}`, {
        cause,
        hint: 'Commit it first.',
      });
    });
    return stdout;
  };
  let made: Promise<string> | undefined;
  const folder = (sources: string): Promise<string> => {
    made ??= cloneAt(dir, sha, path.join(sources, name));
    return made;
  };
  return { repository: name, dir, sha, ref, read, folder };
}

async function cloneAt(dir: string, sha: string, target: string): Promise<string> {
  const git = promisify(execFile);
  await git('git', ['clone', '--quiet', '--shared', '--no-checkout', dir, target]);
  await git('git', ['-C', target, 'checkout', '--quiet', '--detach', sha]);
  return target;
}

/** A repository as it lies in a folder, whatever ref is asked for: the one under development. */
export function folderOrigin(repository: string, dir: string, ref: string): Origin {
  const read = (file: string): Promise<string> =>
    readFile(path.join(dir, file), 'utf8').catch((cause) => {
      throw new UserError(`${repository} has no file ${file} in ${dir}`, { cause });
    });
  return { repository, dir, ref, sha: '0'.repeat(40), read, folder: async () => dir };
}
