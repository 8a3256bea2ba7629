import type { Http } from '@slipway/kernel';
import type { LeaseHolder } from '@slipway/release';
import * as z from 'zod';

const timeoutMs = 10_000;

const runSchema = z.object({ status: z.string() });

/** Whether the workflow run of a holder is over, so that its lease can be taken. */
export type IsRunOver = (holder: LeaseHolder) => Promise<boolean>;

export interface RunQuery {
  http: Http;
  signal: AbortSignal;
  run: { repository: string; repositoryUrl: string; apiUrl: string };
  /** Needs `actions: read`; without one, nothing is asked. */
  token: string;
}

/**
 * Asks GitHub whether a run is over, by `GET /repos/{owner}/{repo}/actions/runs/{run_id}`. A run of another repository, a
 * missing right and an API that does not answer count as a run that is not over.
 */
export function runQuery({ http, signal, run, token }: RunQuery): IsRunOver {
  return async ({ run: id, url }) => {
    const isOurs = run.repositoryUrl !== '' && url === `${run.repositoryUrl}/actions/runs/${id}`;
    if (token === '' || !isOurs) return false;
    const reply = await http.send({
      url: `${run.apiUrl}/repos/${run.repository}/actions/runs/${id}`,
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
      timeoutMs,
      signal,
    });
    if (!reply.ok || reply.status !== 200) return false;
    return isCompleted(reply.body.data);
  };
}

function isCompleted(answer: string): boolean {
  try {
    return runSchema.parse(JSON.parse(answer)).status === 'completed';
  } catch {
    return false;
  }
}
