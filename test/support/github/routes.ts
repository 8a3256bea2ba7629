import {
  checkRun,
  combinedStatus,
  customRules,
  environment,
  pullRequest,
  pullReview,
  refPatterns,
  workflowRun,
} from './bodies.ts';
import type { GitHubState } from './state.ts';

export interface Reply {
  status: number;
  body: object;
}

/** What the API answers to a GET, paged as it pages. */
export function answer(url: URL, state: GitHubState): Reply {
  const prefix = `/repos/${state.repository}/`;
  if (!url.pathname.startsWith(prefix)) return notFound;
  const path = url.pathname.slice(prefix.length).split('/').map(decodeURIComponent);
  const body = route(path, url.searchParams, state);
  return body ? { status: 200, body } : notFound;
}

const notFound: Reply = { status: 404, body: { message: 'Not Found', status: '404' } };

function route(path: string[], query: URLSearchParams, state: GitHubState): object | undefined {
  const [kind, id = '', part = '', third = ''] = path;
  if (kind === 'commits' && id === state.sha) return ofCommit(part, query, state);
  if (kind === 'pulls' && part === 'reviews') {
    const pull = state.pulls.find(({ number }) => String(number) === id);
    return (
      pull &&
      page(
        query,
        pull.reviews.map((review, at) => pullReview(review, at, pull)),
      )
    );
  }
  if (kind === 'compare') {
    const status = state.comparisons?.[id];
    return status && { status, commits: page(query, []) };
  }
  if (kind === 'environments') return ofEnvironment(id, part, query, state);
  if (kind === 'actions' && id === 'runs') return workflowRun(part, state);
  if (kind === 'actions' && id === 'workflows' && third === 'runs') return runsOf(part, query, state);
  return undefined;
}

function ofEnvironment(
  name: string,
  part: string,
  query: URLSearchParams,
  state: GitHubState,
): object | undefined {
  const known = state.environments[name];
  if (part === '' || !known) return environment(name, state);
  if (part === 'deployment_protection_rules') return customRules(known);
  const patterns = refPatterns(known);
  return part === 'deployment-branch-policies'
    ? { total_count: patterns.length, branch_policies: page(query, patterns) }
    : undefined;
}

function ofCommit(part: string, query: URLSearchParams, state: GitHubState): object | undefined {
  if (part === 'check-runs') {
    const runs = state.checks.map((check, at) => checkRun(check, at + 1, state.sha));
    return { total_count: runs.length, check_runs: page(query, runs) };
  }
  if (part === 'status') {
    const combined = combinedStatus(state);
    return { ...combined, statuses: page(query, combined.statuses) };
  }
  if (part === 'pulls')
    return page(
      query,
      state.pulls.map((pull) => pullRequest(pull, state)),
    );
  return undefined;
}

function runsOf(workflow: string, query: URLSearchParams, state: GitHubState): object {
  const ofCommit = query.get('head_sha') === state.sha ? Object.keys(state.runs) : [];
  const runs = ofCommit
    .map((id) => workflowRun(id, state))
    .filter((run) => String(run?.workflow_id) === workflow);
  return { total_count: runs.length, workflow_runs: page(query, runs) };
}

function page<T>(query: URLSearchParams, all: T[]): T[] {
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const at = Number(query.get('page') ?? 1) - 1;
  return all.slice(at * size, (at + 1) * size);
}
