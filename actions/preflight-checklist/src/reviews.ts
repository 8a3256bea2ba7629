import type { components } from '@octokit/openapi-types';
import { short } from '@slipway/runner';
import { type Finding, failed, passed } from './checklist.ts';
import type { GitHub } from './github.ts';

type Schemas = components['schemas'];
type Person = Pick<NonNullable<Schemas['nullable-simple-user']>, 'login' | 'type'>;
type Pull = Pick<Schemas['pull-request-simple'], 'number' | 'state' | 'merged_at'> & {
  user: Person | null;
  head: { sha: string };
  base: { repo: { private: boolean } };
};
type Review = Pick<Schemas['pull-request-review'], 'state' | 'commit_id' | 'author_association'> & {
  user: Person | null;
  submitted_at?: string;
};

export interface ReviewedPull {
  number: number;
  author: string;
  head: string;
  /** In a public repository anybody may approve; only the approvals of members and collaborators count. */
  isPublic: boolean;
  reviews: readonly Review[];
}

const needs = 'pull-requests: read';

/** The pull requests of the commit with their reviews: merged ones, and open ones whose head it is. */
export async function readPulls(github: GitHub, sha: string): Promise<ReviewedPull[]> {
  const same = <T>(page: T[]): T[] => page;
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
  const pulls = await github.list<Pull[], Pull>(route, { commit_sha: sha }, needs, same);
  const counted = pulls.filter(
    ({ merged_at, state, head }) => merged_at !== null || (state === 'open' && head.sha === sha),
  );
  return Promise.all(
    counted.map(async ({ number, user, head, base }) => ({
      number,
      author: user?.login ?? '',
      head: head.sha,
      isPublic: !base.repo.private,
      reviews: await github.list<Review[], Review>(
        'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
        { pull_number: number },
        needs,
        same,
      ),
    })),
  );
}

/**
 * Who approves a pull request: people other than its author whose latest opinion is an approval of its last commit.
 * Comments do not count; a dismissal or a request for changes revokes an approval. Pure.
 */
function approvers(pull: ReviewedPull): { approved: string[]; stale: string[] } {
  const latest = new Map<string, Review>();
  const inOrder = [...pull.reviews].sort((a, b) =>
    (a.submitted_at ?? '').localeCompare(b.submitted_at ?? ''),
  );
  for (const review of inOrder) {
    if (!review.user || !/^(APPROVED|CHANGES_REQUESTED|DISMISSED)$/.test(review.state)) continue;
    if (counts(review.user, review, pull)) latest.set(review.user.login, review);
  }
  const approvals = [...latest].filter(([, { state }]) => state === 'APPROVED');
  const isCurrent = ([, review]: [string, Review]): boolean => review.commit_id === pull.head;
  return {
    approved: approvals.filter(isCurrent).map(([login]) => login),
    stale: approvals.filter((one) => !isCurrent(one)).map(([login]) => login),
  };
}

function counts(user: Person, review: Review, pull: ReviewedPull): boolean {
  if (user.login === pull.author || user.type === 'Bot') return false;
  return !pull.isPublic || /^(OWNER|MEMBER|COLLABORATOR)$/.test(review.author_association);
}

/** At least one of the pull requests must have the approvals. Pure. */
export function judgeReviews(pulls: readonly ReviewedPull[], wanted: number, sha: string): Finding {
  if (pulls.length === 0)
    return failed(
      `no merged pull request contains ${short(sha)}, so nobody reviewed it`,
      'Release a commit of a reviewed pull request.',
    );
  const judged = pulls.map((pull) => ({ pull, ...approvers(pull) }));
  const best = judged.reduce((a, b) => (b.approved.length > a.approved.length ? b : a));
  const who = best.approved.length > 0 ? ` (${best.approved.join(', ')})` : '';
  const found = `pull request #${best.pull.number} has ${count(best.approved.length)} of its last commit${who}`;
  if (best.approved.length >= wanted) return passed(`${found}, ${wanted} needed`);
  const stale = best.stale.length > 0 ? `; ${best.stale.join(', ')} approved an earlier one` : '';
  return failed(
    `${found}, ${wanted} needed${stale}`,
    'Get more approvals. The author, bots and, in a public repository, people who are not members or collaborators do not count.',
  );
}

function count(approvals: number): string {
  return approvals === 1 ? '1 approval' : `${approvals === 0 ? 'no' : approvals} approvals`;
}
