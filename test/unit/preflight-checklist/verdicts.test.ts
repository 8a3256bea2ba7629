import { describe, expect, test } from '@jest/globals';
import type { ChecklistItem } from '@slipway/release';
import { verdict } from '../../../actions/preflight-checklist/src/checklist.ts';
import { type CommitCheck, judgeChecks } from '../../../actions/preflight-checklist/src/commit-checks.ts';
import { judgeReviews, type ReviewedPull } from '../../../actions/preflight-checklist/src/reviews.ts';

const sha = '1234567890abcdef1234567890abcdef12345678';

function item(state: ChecklistItem['state'], evidence = `${state} evidence`): ChecklistItem {
  return { id: 'x', title: 'Title', state, evidence, remedy: 'Do it.' };
}

describe('the verdict on the list', () => {
  test.each<[ChecklistItem['state'][], string]>([
    [['passed', 'passed'], 'passed: Preflight passed: 2 checks passed.'],
    [
      ['passed', 'waived', 'skipped', 'manual', 'manual'],
      'passed: Preflight passed: 1 check passed; 1 waived, 1 not configured, 2 left to the approvers.',
    ],
    [['passed', 'failed'], 'refused: Preflight refused: 1 of 2 checks failed: failed evidence.'],
    [
      ['passed', 'unknown'],
      'refused: Preflight refused: 1 of 2 checks could not be decided: unknown evidence.',
    ],
    [
      ['failed', 'unknown', 'passed', 'skipped'],
      'refused: Preflight refused: 1 of 3 checks failed and 1 could not be decided: failed evidence; unknown evidence.',
    ],
    [['skipped', 'manual'], 'refused: Preflight refused: nothing was checked.'],
    [[], 'refused: Preflight refused: nothing was checked.'],
  ])('%j', (states, expected) => {
    const { outcome, summary } = verdict(
      states.map((state) => item(state)),
      'all',
    );
    expect(`${outcome}: ${summary}`).toBe(expected);
  });

  test('a long list is cut, with the number of the rest', () =>
    expect(
      verdict(
        Array.from({ length: 9 }, () => item('failed', 'bad')),
        'all',
      ).summary,
    ).toBe('Preflight refused: 9 of 9 checks failed: bad; bad; bad; bad; bad; bad; and 3 more.'));
});

describe('checks on the commit', () => {
  const green: CommitCheck = { name: 'test', state: 'green', conclusion: 'success' };
  const idle: CommitCheck = { name: 'e2e', state: 'idle', conclusion: 'skipped' };
  const red: CommitCheck = { name: 'lint', state: 'red', conclusion: 'failure' };
  const pending: CommitCheck = { name: 'scan', state: 'pending', conclusion: 'in_progress' };

  test.each<[string, CommitCheck[], string[], string[], string]>([
    ['none', [], [], [], 'failed: no check has succeeded on 1234567'],
    ['all green', [green], [], [], 'passed: 1 green on 1234567: test'],
    ['one skipped', [green, idle], [], [], 'passed: 1 green on 1234567: test; 1 skipped'],
    ['all skipped', [idle], [], [], 'failed: no check has succeeded on 1234567'],
    [
      'red and pending, all listed',
      [green, red, pending],
      [],
      [],
      'failed: check "lint" is red (failure), check "scan" is pending (in_progress)',
    ],
    ['red but ignored', [green, red], [], ['lint'], 'passed: 1 green on 1234567: test'],
    ['all ignored', [green], [], ['test'], 'failed: no check has succeeded on 1234567'],
    ['red but not required', [green, red], ['test'], [], 'passed: 1 green on 1234567: test'],
    ['required but not there', [green], ['test', 'x'], [], 'failed: required check "x" is not on the commit'],
    ['required but skipped', [green, idle], ['e2e'], [], 'failed: required check "e2e" was skipped'],
    [
      'the same name green and red',
      [green, { ...green, state: 'red', conclusion: 'timed_out' }],
      ['test'],
      [],
      'failed: check "test" is red (timed_out)',
    ],
  ])('%s', (_title, checks, require, ignore, expected) => {
    const { state, evidence } = judgeChecks(checks, { require, ignore }, sha);
    expect(`${state}: ${evidence}`).toBe(expected);
  });
});

describe('reviews', () => {
  type Review = ReviewedPull['reviews'][number];
  let at = 0;
  const review = (login: string, state: string, more: Partial<Review> & { type?: string } = {}): Review => ({
    user: { login, type: more.type ?? 'User' },
    state,
    commit_id: sha,
    author_association: 'MEMBER',
    submitted_at: new Date(at++ * 1000).toISOString(),
    ...more,
  });
  const pull = (reviews: Review[], more: Partial<ReviewedPull> = {}): ReviewedPull => ({
    number: 7,
    author: 'author',
    head: sha,
    isPublic: false,
    reviews,
    ...more,
  });
  const two = [review('ann', 'APPROVED'), review('bob', 'APPROVED')];

  test.each<[string, ReviewedPull[], string]>([
    ['two people', [pull(two)], 'passed: #7 has 2 approvals of its last commit (ann, bob), 2 needed'],
    ['no pull request', [], 'failed: no merged pull request contains 1234567, so nobody reviewed it'],
    ['nobody', [pull([])], 'failed: #7 has no approvals of its last commit, 2 needed'],
    [
      'the same person twice',
      [pull([review('ann', 'APPROVED'), review('ann', 'APPROVED')])],
      'failed: #7 has 1 approval of its last commit (ann), 2 needed',
    ],
    [
      'the author and a bot',
      [pull([review('author', 'APPROVED'), review('scan', 'APPROVED', { type: 'Bot' })])],
      'failed: #7 has no approvals of its last commit, 2 needed',
    ],
    [
      'taken back, then only commented',
      [pull([...two, review('ann', 'CHANGES_REQUESTED'), review('ann', 'COMMENTED')])],
      'failed: #7 has 1 approval of its last commit (bob), 2 needed',
    ],
    [
      'dismissed',
      [pull([...two, review('ann', 'DISMISSED')])],
      'failed: #7 has 1 approval of its last commit (bob), 2 needed',
    ],
    [
      'a comment does not take it back',
      [pull([...two, review('ann', 'COMMENTED')])],
      'passed: #7 has 2 approvals of its last commit (ann, bob), 2 needed',
    ],
    [
      'an earlier commit',
      [pull([...two.slice(1), review('ann', 'APPROVED', { commit_id: 'old' })])],
      'failed: #7 has 1 approval of its last commit (bob), 2 needed; ann approved an earlier one',
    ],
    [
      'people from outside of a public repository',
      [
        pull([...two.slice(1), review('eve', 'APPROVED', { author_association: 'NONE' })], {
          isPublic: true,
        }),
      ],
      'failed: #7 has 1 approval of its last commit (bob), 2 needed',
    ],
    [
      'the better of two',
      [pull([], { number: 1 }), pull(two)],
      'passed: #7 has 2 approvals of its last commit (ann, bob), 2 needed',
    ],
  ])('%s', (_title, pulls, expected) => {
    const { state, evidence } = judgeReviews(pulls, 2, sha);
    expect(`${state}: ${evidence.replace('pull request #', '#')}`).toBe(expected);
  });
});
