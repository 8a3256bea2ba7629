import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createExec, directHttp, Redactor } from '@slipway/kernel';
import { beginRelease, emptyState } from '@slipway/release';
import { isOlderRelease } from '../../../packages/transaction/src/age.ts';
import { type GitRepository, gitRepository } from '../../support/git-repository.ts';
import { releasable, startGitHub } from '../../support/github.ts';
import { releaseEntry } from '../../support/releases.ts';

let repository: GitRepository;
let [first, second] = ['', ''];

beforeAll(() => {
  repository = gitRepository();
  first = repository.commit({ file: '1' });
  second = repository.commit({ file: '2' });
});
afterAll(() => repository.remove());

const of = { id: '', app: 'shop', environment: 'production' };

interface Age {
  version: string;
  commit: string;
  /** Version and commit of the proven release; null: none is proven. */
  proven: [version: string, commit: string] | null;
  workspace?: string;
  PATH?: string;
  /** Address of GitHub's API, and the token to ask it with. */
  github?: { apiUrl: string; token: string };
}

function isOlder({ version, commit, proven, workspace, PATH, github }: Age): Promise<boolean> {
  const env = { PATH: PATH ?? process.env.PATH ?? '' };
  const { signal } = new AbortController();
  const exec = createExec({ env, signal, redactor: new Redactor() });
  const record = beginRelease({ ...of, version, commit });
  const releases = proven ? [releaseEntry({ sequence: 1, version: proven[0], commit: proven[1] })] : [];
  const state = { ...emptyState('shop', 'production'), releases };
  const { apiUrl, token } = github ?? { apiUrl: '', token: '' };
  const run = {
    id: '7',
    attempt: '1',
    job: '',
    runner: '',
    actor: 'sam',
    url: '',
    repositoryUrl: '',
    repository: of.app,
    apiUrl,
  };
  const access = { http: directHttp, signal, run };
  return isOlderRelease({ record, exec, workspace: workspace ?? repository.dir, ...access }, state, token);
}

test('an ancestor of the proven commit is older, whatever its version', async () => {
  expect(await isOlder({ version: '9.0.0', commit: first, proven: ['2.0.0', second] })).toBe(true);
});

test('a descendant of the proven commit is not, whatever its version', async () => {
  expect(await isOlder({ version: '1.0.0', commit: second, proven: ['2.0.0', first] })).toBe(false);
});

test.each<[string, () => Partial<Age>]>([
  ['the checkout has one commit', () => ({ workspace: repository.checkout(first) })],
  ['there is no checkout', () => ({ workspace: '/' })],
  ['there is no git', () => ({ PATH: '/nonexistent' })],
  ['the commit of the proven release is unknown', () => ({ proven: ['2.0.0', ''] })],
  ['the commit of the proven release is an option of git', () => ({ proven: ['2.0.0', '--help'] })],
  ['both are of one commit', () => ({ proven: ['2.0.0', first] })],
])('by the version when %s', async (_, given) => {
  const age: Age = { version: '1.0.0', commit: first, proven: ['2.0.0', second], ...given() };
  expect(await isOlder(age)).toBe(true);
  expect(await isOlder({ ...age, version: '3.0.0' })).toBe(false);
});

test('by the history on GitHub when the checkout does not have it, and by the version when GitHub does not either', async () => {
  const [proven, later, earlier, fork] = ['a', 'b', 'c', 'd'].map((of) => of.repeat(40));
  const repositoryName = of.app;
  const github = await startGitHub({
    ...releasable({ repository: repositoryName, sha: proven ?? '', run: '7' }),
    comparisons: {
      [`${proven}...${later}`]: 'ahead',
      [`${proven}...${earlier}`]: 'behind',
      [`${proven}...${fork}`]: 'diverged',
    },
  });
  try {
    const ask = (commit: string | undefined, version: string, token = 'token-of-this-run') =>
      isOlder({
        ...{ version, commit: commit ?? '', proven: ['2.0.0', proven ?? ''] },
        ...{ workspace: '/', github: { apiUrl: github.url, token } },
      });
    expect(await ask(later, '1.0.0')).toBe(false);
    expect(await ask(earlier, '3.0.0')).toBe(true);
    for (const unordered of [fork, 'e'.repeat(40)]) {
      expect(await ask(unordered, '1.0.0')).toBe(true);
      expect(await ask(unordered, '3.0.0')).toBe(false);
    }
    expect(await ask(later, '1.0.0', '')).toBe(true);
    github.set({ fail: [{ path: '/compare/', status: 500 }] });
    expect(await ask(earlier, '3.0.0')).toBe(false);
  } finally {
    await github.stop();
  }
});

test('nothing is older where nothing is proven', async () => {
  expect(await isOlder({ version: '0.1.0', commit: first, proven: null })).toBe(false);
});
