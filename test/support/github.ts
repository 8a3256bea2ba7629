import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, type Reply } from './github/routes.ts';
import type { FakeFailure, GitHubState } from './github/state.ts';

export { releasable } from './github/releasable.ts';
export type { GitHubState } from './github/state.ts';

export interface GitHubServer {
  /** What GITHUB_API_URL has to be. */
  url: string;
  /** `METHOD path?query` of every request so far. */
  requests: readonly string[];
  set(state: Partial<GitHubState>): void;
  stop(): Promise<void>;
}

/**
 * The part of GitHub's REST API that Slipway reads, on this machine, about one repository. Any bearer token is
 * accepted; without one the answer is 401, as it is for private repositories in effect.
 */
export async function startGitHub(initial: GitHubState): Promise<GitHubServer> {
  let state = initial;
  const requests: string[] = [];
  const failures = new Map<FakeFailure, number>();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const failure = failing(state, request.url ?? '', failures);
    if (failure) send(response, refusal(failure), failure.headers);
    else send(response, reply(request, state));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    set: (change) => {
      state = { ...state, ...change };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(request: IncomingMessage, state: GitHubState): Reply {
  if (!/^(bearer|token) .+/i.test(request.headers.authorization ?? ''))
    return { status: 401, body: { message: 'Requires authentication', status: '401' } };
  if (request.method !== 'GET') return { status: 404, body: { message: 'Not Found', status: '404' } };
  return answer(new URL(request.url ?? '/', 'http://github'), state);
}

function failing(state: GitHubState, url: string, seen: Map<FakeFailure, number>): FakeFailure | undefined {
  const failure = state.fail?.find(
    (one) => url.includes(one.path) && (seen.get(one) ?? 0) < (one.times ?? Number.POSITIVE_INFINITY),
  );
  if (failure) seen.set(failure, (seen.get(failure) ?? 0) + 1);
  return failure;
}

function refusal({ status, message = 'Resource not accessible by integration' }: FakeFailure): Reply {
  return { status, body: { message, status: String(status) } };
}

function send(response: ServerResponse, { status, body }: Reply, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
