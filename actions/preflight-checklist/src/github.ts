import { type Clock, type Http, type Redactor, type RetryPolicy, retry } from '@slipway/kernel';
import { ApiError, classifyRefusal, explainRefusal, type Permission, type Refusal } from './github-errors.ts';
import { fetchOver } from './github-fetch.ts';

/** The repository of the run, by the REST API. */
export interface GitHub {
  /** @throws ApiError that says which permission is missing, or Cancelled. */
  get<T>(
    route: `GET /repos/{owner}/{repo}/${string}`,
    parameters: Record<string, string | number>,
    needs: Permission,
  ): Promise<T>;
  /** All pages of a list. `pick` takes the list out of a page. */
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
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  redactor: Redactor;
}

/** The version of the REST API whose shapes are read here. */
const apiVersion = '2022-11-28';
const perPage = 100;
/** The API lists no more, so that a commit with more entries cannot be judged. */
const maxPages = 10;
/** A longer wait than this is for a later run. */
const policy: RetryPolicy = { maxAttempts: 3, firstDelayMs: 500, maxRetryAfterMs: 20_000 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Octokit is loaded here and not before: it takes longer than everything else at the start of the step.
 * @throws ApiError without token or repository.
 */
export async function connectGitHub(options: GitHubOptions): Promise<GitHub> {
  const [owner, repo] = options.repository.split('/');
  if (!owner || !repo)
    throw new ApiError(
      'GITHUB_REPOSITORY is not set, so the repository of the run is unknown',
      'Run this step in a workflow.',
    );
  if (options.token === '')
    throw new ApiError(
      'the input github-token is empty, so GitHub cannot be queried',
      'Set the input github-token to ${{ github.token }}.',
    );
  const { GitHub: Octokit, getOctokitOptions } = await import('@actions/github/lib/utils');
  const request = { fetch: fetchOver(options.http), signal: options.signal };
  const octokit = new Octokit(
    getOctokitOptions(options.token, { baseUrl: options.apiUrl, log: silent, request }),
  );
  const headers = { 'x-github-api-version': apiVersion };
  const get: GitHub['get'] = async (route, parameters, needs) => {
    const reply = await call(options, route, needs, () =>
      octokit.request(route, { owner, repo, ...parameters, headers }),
    );
    return reply.data as never;
  };
  return {
    get,
    async list(route, parameters, needs, pick) {
      const all: ReturnType<typeof pick>[number][] = [];
      for (let page = 1; page <= maxPages; page++) {
        const items = pick(await get(route, { ...parameters, per_page: perPage, page }, needs));
        all.push(...items);
        if (items.length < perPage) return all;
      }
      throw new ApiError(
        `GitHub lists more than ${maxPages * perPage} entries for ${route}`,
        'Run fewer checks on the commit, or name those that count under preflight.checks.require.',
      );
    },
  };
}

/** Repeats a call after 5xx, rate limits and broken connections, as long as the wait is short. */
async function call<T>(
  { clock, signal, redactor }: GitHubOptions,
  route: string,
  needs: Permission,
  send: () => Promise<T>,
): Promise<T> {
  const during = 'a request to GitHub';
  const result = await retry<T, Refusal>({ ...policy, clock, signal, during }, async () => {
    try {
      return { state: 'done', value: await send() };
    } catch (thrown) {
      const error = thrown as Refusal;
      return { state: 'failed', error, ...classifyRefusal(error, clock.now()) };
    }
  });
  if (result.ok) return result.value;
  throw explainRefusal(result.error, { route, needs, attempts: result.attempts }, redactor);
}
