import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A repository as it is on GitHub, and checkouts of it as jobs have them. */
export interface GitRepository {
  dir: string;
  /** Writes the files, commits, and tags the commit. @returns the commit. */
  commit(files: Record<string, string>, ...tags: string[]): string;
  /** A tag with a message, which git stores as an object. @returns that object. */
  annotate(tag: string): string;
  /** A checkout of one commit without any tag, as actions/checkout makes it. */
  checkout(revision?: string): string;
  remove(): void;
}

const author = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** An empty repository in a temporary folder. */
export function gitRepository(): GitRepository {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-git-'));
  const dir = path.join(root, 'origin');
  let checkouts = 0;
  mkdirSync(dir);
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: dir, encoding: 'utf8', env: { ...process.env, ...author } }).trim();
  git('init', '--quiet', '--initial-branch', 'main');
  return {
    dir,
    commit(files, ...tags) {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
        writeFileSync(path.join(dir, file), text);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'A change');
      for (const tag of tags) git('tag', tag);
      return git('rev-parse', 'HEAD');
    },
    annotate(tag) {
      git('tag', '--annotate', '--message', tag, tag);
      return git('rev-parse', tag);
    },
    checkout(revision = 'HEAD') {
      const target = path.join(root, `checkout-${++checkouts}`);
      mkdirSync(target);
      git('-C', target, 'init', '--quiet');
      git('-C', target, 'remote', 'add', 'origin', `file://${dir}`);
      const commit = git('rev-parse', `${revision}^{commit}`);
      git('-C', target, 'fetch', '--quiet', '--no-tags', '--depth=1', 'origin', commit);
      git('-C', target, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
      return target;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
