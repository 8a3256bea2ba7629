import type { LeaseHolder } from '@slipway/release';
import * as z from 'zod';
import { askGitHub, type GitHubAccess } from './ask-github.ts';

const runSchema = z.object({ status: z.string() });

/** Whether the workflow run of a holder is over, so that its lease can be taken. */
export type IsRunOver = (holder: LeaseHolder) => Promise<boolean>;

export interface RunQuery extends GitHubAccess {
  run: GitHubAccess['run'] & { repositoryUrl: string };
}

/**
 * Asks GitHub whether a run is over, by `GET /repos/{owner}/{repo}/actions/runs/{run_id}`, which needs `actions: read`. A
 * run of another repository, a missing right and an API that does not answer count as a run that is not over.
 */
export function runQuery(query: RunQuery): IsRunOver {
  const { repositoryUrl } = query.run;
  return async ({ run: id, url }) => {
    if (repositoryUrl === '' || url !== `${repositoryUrl}/actions/runs/${id}`) return false;
    const answer = runSchema.safeParse(await askGitHub(query, `actions/runs/${id}`));
    return answer.success && answer.data.status === 'completed';
  };
}
