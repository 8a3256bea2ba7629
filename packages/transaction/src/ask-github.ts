import type { Http } from '@slipway/kernel';

const timeoutMs = 10_000;

/** What GitHub is asked with. */
export interface GitHubAccess {
  http: Http;
  signal: AbortSignal;
  run: { repository: string; apiUrl: string };
  /** Empty asks nothing. */
  token: string;
}

/**
 * Asks the REST API of GitHub about the repository of the run.
 * @param path Below `/repos/{owner}/{repo}/`.
 * @returns the answer as JSON; null without a token, and when the API does not answer or refuses: nothing depends on it alone.
 */
export async function askGitHub({ http, signal, run, token }: GitHubAccess, path: string): Promise<unknown> {
  if (token === '') return null;
  const reply = await http.send({
    url: `${run.apiUrl}/repos/${run.repository}/${path}`,
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
    timeoutMs,
    signal,
  });
  if (!reply.ok || reply.status !== 200) return null;
  try {
    return JSON.parse(reply.body.data);
  } catch {
    return null;
  }
}
