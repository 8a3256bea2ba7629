import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { directHttp } from '@slipway/kernel';
import { type RunQuery, runQuery } from '../../../packages/transaction/src/run-over.ts';
import { type GitHubServer, releasable, startGitHub } from '../../support/github.ts';

const repository = 'example/docsense';
const repositoryUrl = `https://github.com/${repository}`;
let github: GitHubServer;

beforeEach(async () => {
  const state = releasable({ repository, sha: 'a'.repeat(40), run: '7' });
  const completed = { suite: 1, workflow: 1, status: 'completed' } as const;
  github = await startGitHub({ ...state, runs: { ...state.runs, '6': completed } });
});
afterEach(() => github.stop());

function isOver(id: string, query: Partial<RunQuery> = {}, of = repositoryUrl): Promise<boolean> {
  const run = { repository, repositoryUrl, apiUrl: github.url };
  const { signal } = new AbortController();
  const ask = runQuery({ http: directHttp, signal, run, token: 'token-of-this-run', ...query });
  return ask({
    run: id,
    attempt: '1',
    job: '',
    runner: '',
    actor: 'somebody',
    url: `${of}/actions/runs/${id}`,
  });
}

describe('the run of a holder is over', () => {
  test('when GitHub has it as completed', async () => {
    expect(await isOver('6')).toBe(true);
    expect(github.requests).toEqual([`GET /repos/${repository}/actions/runs/6`]);
  });

  test('not while it is in progress, and not when GitHub does not know it or does not answer', async () => {
    expect(await isOver('7')).toBe(false);
    expect(await isOver('404')).toBe(false);
    github.set({ fail: [{ path: '/runs/', status: 500 }] });
    expect(await isOver('6')).toBe(false);
  });

  test('is not asked without a token, and not about another repository', async () => {
    expect(await isOver('6', { token: '' })).toBe(false);
    expect(await isOver('6', {}, 'https://github.com/example/other')).toBe(false);
    expect(github.requests).toEqual([]);
  });
});
