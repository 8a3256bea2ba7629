import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createExec, Redactor } from '@slipway/kernel';
import { beginRelease, emptyState } from '@slipway/release';
import { isOlderRelease } from '../../../packages/transaction/src/age.ts';
import { type GitRepository, gitRepository } from '../../support/git-repository.ts';
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
}

function isOlder({ version, commit, proven, workspace, PATH }: Age): Promise<boolean> {
  const env = { PATH: PATH ?? process.env.PATH ?? '' };
  const exec = createExec({ env, signal: new AbortController().signal, redactor: new Redactor() });
  const record = beginRelease({ ...of, version, commit });
  const releases = proven ? [releaseEntry({ sequence: 1, version: proven[0], commit: proven[1] })] : [];
  const state = { ...emptyState('shop', 'production'), releases };
  return isOlderRelease({ record, exec, workspace: workspace ?? repository.dir }, state);
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

test('nothing is older where nothing is proven', async () => {
  expect(await isOlder({ version: '0.1.0', commit: first, proven: null })).toBe(false);
});
