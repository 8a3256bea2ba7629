import type { GitHubState } from './state.ts';

/**
 * A commit that may be released to production: green checks, two approvals, a gate that asks. The run that asks is
 * in progress on it, and an earlier release of the same workflow failed on it; neither may count.
 */
export function releasable(of: { repository: string; sha: string; run: string }): GitHubState {
  const [own, earlier] = [900, 899];
  return {
    repository: of.repository,
    sha: of.sha,
    runs: { [of.run]: { suite: own, workflow: 5 }, '1': { suite: earlier, workflow: 5 } },
    checks: [
      { name: 'test', conclusion: 'success' },
      { name: 'release / Preflight', status: 'in_progress', conclusion: null, suite: own },
      { name: 'release / Release', conclusion: 'failure', suite: earlier },
    ],
    statuses: [{ context: 'ci/external', state: 'success' }],
    pulls: [
      {
        number: 12,
        author: 'author',
        head: 'b'.repeat(40),
        reviews: [
          { user: 'first-reviewer', state: 'APPROVED' },
          { user: 'second-reviewer', state: 'APPROVED' },
        ],
      },
    ],
    environments: { 'production-approval': { reviewers: true } },
  };
}
