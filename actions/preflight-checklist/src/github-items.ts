import type { ChecklistItem } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import { type Finding, skipped } from './checklist.ts';
import { judgeChecks, readChecks } from './commit-checks.ts';
import { judgeGate, waivedGate } from './gate.ts';
import { connectGitHub, type GitHub } from './github.ts';
import { judgeEnvironment } from './release-environment.ts';
import { judgeReviews, readPulls } from './reviews.ts';
import { runCheck } from './run-check.ts';
import type { Stage } from './stage.ts';

type Context = Pick<
  ActionContext<unknown, 'preflight'>,
  'config' | 'environment' | 'run' | 'http' | 'clock' | 'signal' | 'redactor'
>;

/** The items that need GitHub. No request is sent when none of them is configured. */
export async function gitHubItems(
  context: Context,
  { token, commit, stage }: { token: string; commit: string; stage: Stage },
): Promise<ChecklistItem[]> {
  const { checks, reviews, gate } = context.config.preflight;
  const { environment, run, http, clock, signal, redactor } = context;
  const { ref } = run;
  let connection: Promise<GitHub> | undefined;
  const withGitHub = async (judge: (github: GitHub) => Promise<Finding>): Promise<Finding> => {
    connection ??= connectGitHub({
      apiUrl: run.apiUrl,
      repository: run.repository,
      token,
      http,
      clock,
      signal,
      redactor,
    });
    return judge(await connection);
  };
  return Promise.all([
    runCheck('checks', 'Checks on the commit', async () =>
      checks
        ? withGitHub(async (github) => judgeChecks(await readChecks(github, commit, run.id), checks, commit))
        : skipped('preflight.checks is not configured'),
    ),
    runCheck('reviews', 'Reviews', async () =>
      reviews
        ? withGitHub(async (github) =>
            judgeReviews(await readPulls(github, commit), reviews.approvals, commit),
          )
        : skipped('preflight.reviews is not configured'),
    ),
    runCheck('gate', 'Approval', async () =>
      gate === 'optional'
        ? waivedGate(environment)
        : withGitHub((github) => judgeGate(github, environment, ref)),
    ),
    ...(stage === 'all'
      ? []
      : [
          runCheck('environment', `Environment ${environment}`, () =>
            token === ''
              ? skipped(`there is no token to read the environment ${environment} with`)
              : withGitHub((github) => judgeEnvironment(github, environment, ref)),
          ),
        ]),
  ]);
}
