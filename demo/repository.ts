import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { execOrThrow } from '@slipway/test-services';
import { parseDocument } from 'yaml';

/** A git repository with a copy of the example application, as a team that uses Slipway has it. */
export interface Repository {
  dir: string;
  name: string;
  /** Writes files (null takes one away), and does not commit them. */
  write(files: Record<string, string | null>): Promise<void>;
  /** Writes files, commits and tags. @returns the commit. */
  commit(version: string, files: Record<string, string | null>): Promise<string>;
  read(file: string): Promise<string>;
}

const author = {
  GIT_AUTHOR_NAME: 'docsense',
  GIT_AUTHOR_EMAIL: 'team@docsense.example.com',
  GIT_COMMITTER_NAME: 'docsense',
  GIT_COMMITTER_EMAIL: 'team@docsense.example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/**
 * @param example Folder of the example.
 * @param adapt Changes in the copy what its place needs to be different.
 */
export async function makeRepository(
  example: string,
  dir: string,
  adapt: (dir: string) => Promise<void>,
): Promise<Repository> {
  await mkdir(dir, { recursive: true });
  await cp(example, dir, { recursive: true, filter: (source) => path.basename(source) !== 'node_modules' });
  const git = (...args: string[]) =>
    execOrThrow(`run git ${args[0]}`, ['git', ...args], { cwd: dir, env: author });
  await git('init', '--quiet', '--initial-branch', 'main');
  await adapt(dir);
  const write = (files: Record<string, string | null>): Promise<void> => writeAll(dir, files);
  return {
    dir,
    name: 'docsense/docsense',
    read: (file) => readFile(path.join(dir, file), 'utf8'),
    write,
    async commit(version, files) {
      await write(files);
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', `docsense ${version}`);
      await git('tag', `v${version}`);
      return (await git('rev-parse', 'HEAD')).trim();
    },
  };
}

async function writeAll(dir: string, files: Record<string, string | null>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(dir, name);
    if (text === null) {
      await rm(file, { force: true });
      continue;
    }
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Sets one value in a YAML file and leaves the rest of it as it is written. */
export async function editYaml(file: string, at: readonly string[], value: string): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  document.setIn(at, value);
  await writeFile(file, document.toString());
}
