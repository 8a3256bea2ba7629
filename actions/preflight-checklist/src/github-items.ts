import type { ChecklistItem } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import { type Finding, skipped } from './checklist.ts';
import { judgeChecks, readChecks } from './commit-checks.ts';
import { examine } from './examine.ts';
import { judgeGate, waivedGate } from './gate.ts';
import { connectGitHub, type GitHub } from './github.ts';
import { judgeReviews, readPulls } from './reviews.ts';

type Context = Pick<
  ActionContext<unknown, 'preflight'>,
  'config' | 'environment' | 'run' | 'http' | 'clock' | 'signal'
>;

/** The lines that GitHub is asked for. It is not asked when the configuration wants none of them. */
export async function gitHubItems(context: Context, token: string, commit: string): Promise<ChecklistItem[]> {
  const { checks, reviews, gate } = context.config.preflight;
  const { environment, run, http, clock, signal } = context;
  let connection: Promise<GitHub> | undefined;
  const asking = async (look: (github: GitHub) => Promise<Finding>): Promise<Finding> => {
    connection ??= connectGitHub({
      apiUrl: run.apiUrl,
      repository: run.repository,
      token,
      http,
      clock,
      signal,
    });
    return look(await connection);
  };
  return Promise.all([
    examine('checks', 'Checks on the commit', async () =>
      checks
        ? asking(async (github) => judgeChecks(await readChecks(github, commit, run.id), checks, commit))
        : skipped('preflight.checks is not configured'),
    ),
    examine('reviews', 'Reviews', async () =>
      reviews
        ? asking(async (github) => judgeReviews(await readPulls(github, commit), reviews.approvals, commit))
        : skipped('preflight.reviews is not configured'),
    ),
    examine('gate', 'Approval', async () =>
      gate === 'optional' ? waivedGate(environment) : asking((github) => judgeGate(github, environment)),
    ),
  ]);
}
