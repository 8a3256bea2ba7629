import { Cancelled, type Clock } from '@slipway/kernel';
import { ApiError, explainRefusal, type Refusal, retryAfter } from './github-errors.ts';

/** A permission of the workflow token, as it is written in a workflow. */
export type Permission = `${string}: read`;

/** The repository of the run, asked through the REST API. */
export interface GitHub {
  /** @throws ApiError that says which permission is missing, or Cancelled. */
  get<T>(
    route: `GET /repos/{owner}/{repo}/${string}`,
    parameters: Record<string, string | number>,
    needs: Permission,
  ): Promise<T>;
  /** All pages of a list. `pick` takes the list out of an answer. */
  list<Page, T>(
    route: `GET /repos/{owner}/{repo}/${string}`,
    parameters: Record<string, string | number>,
    needs: Permission,
    pick: (page: Page) => readonly T[],
  ): Promise<T[]>;
}

export interface GitHubOptions {
  apiUrl: string;
  /** `owner/name` */
  repository: string;
  token: string;
  clock: Clock;
  signal: AbortSignal;
}

/** The version of the REST API whose shapes are read here. */
const apiVersion = '2022-11-28';
const perPage = 100;
/** A commit with more entries than this cannot be judged honestly: the API shows no more. */
const mostPages = 10;
/** Milliseconds for one call. */
const timeout = 10_000;
const mostAttempts = 3;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Octokit is loaded here and not before: most of a cold start would be its. @throws ApiError without token or repository. */
export async function connectGitHub(options: GitHubOptions): Promise<GitHub> {
  const [owner, repo] = options.repository.split('/');
  if (!owner || !repo)
    throw new ApiError(
      'the run names no repository: GITHUB_REPOSITORY is not set',
      'Run this step in a workflow.',
    );
  if (options.token === '')
    throw new ApiError(
      'there is no token for the GitHub API',
      'Set the input github-token to ${{ github.token }}.',
    );
  const { Octokit } = await import('@octokit/core');
  const octokit = new Octokit({ auth: options.token, baseUrl: options.apiUrl, log: silent });
  const get: GitHub['get'] = async (route, parameters, needs) => {
    const headers = { 'x-github-api-version': apiVersion };
    const request = { owner, repo, ...parameters, headers };
    const reply = await persistently(options, route, needs, (signal) =>
      octokit.request(route, { ...request, request: { signal } }),
    );
    return reply.data as never;
  };
  return {
    get,
    async list(route, parameters, needs, pick) {
      const all: ReturnType<typeof pick>[number][] = [];
      for (let page = 1; page <= mostPages; page++) {
        const items = pick(await get(route, { ...parameters, per_page: perPage, page }, needs));
        all.push(...items);
        if (items.length < perPage) return all;
      }
      throw new ApiError(
        `GitHub lists more than ${mostPages * perPage} entries for ${route}`,
        'Reduce what runs on the commit, or name what counts under preflight.checks.require.',
      );
    },
  };
}

/** Tries again after 5xx, rate limits and broken connections, as long as the wait is short. */
async function persistently<T>(
  { clock, signal }: GitHubOptions,
  route: string,
  needs: Permission,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
    } catch (thrown) {
      if (signal.aborted) throw new Cancelled('a request to GitHub');
      const error = thrown as Refusal;
      const wait = retryAfter(error, attempt, clock.now());
      if (wait === undefined || attempt === mostAttempts) throw explainRefusal(error, route, needs, attempt);
      await clock.sleep(wait, signal);
    }
  }
}
