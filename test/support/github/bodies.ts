import type { components } from '@octokit/openapi-types';
import type { FakeCheck, FakeEnvironment, FakePull, FakeReview, GitHubState } from './state.ts';

type Schemas = components['schemas'];
type User = Schemas['simple-user'];

/** Answers of the API, typed by GitHub's own description. Where a body is huge, only a typed part of it is sent. */
export function checkRun(check: FakeCheck, id: number, sha: string): Schemas['check-run'] {
  const status = check.status ?? 'completed';
  return {
    id,
    node_id: `CR_${id}`,
    name: check.name,
    head_sha: sha,
    external_id: '',
    url: '',
    html_url: null,
    details_url: null,
    status,
    conclusion: check.conclusion,
    started_at: '2026-01-05T10:00:00Z',
    completed_at: status === 'completed' ? '2026-01-05T10:05:00Z' : null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: '' },
    check_suite: { id: check.suite ?? 1 },
    app: null,
    pull_requests: [],
  };
}

export function combinedStatus(
  state: GitHubState,
): Pick<Schemas['combined-commit-status'], 'sha' | 'state' | 'statuses' | 'total_count'> {
  const states = state.statuses.map((status) => status.state);
  const bad = states.some((one) => one === 'failure' || one === 'error');
  const green = states.length > 0 && states.every((one) => one === 'success');
  return {
    sha: state.sha,
    state: bad ? 'failure' : green ? 'success' : 'pending',
    total_count: states.length,
    statuses: state.statuses.map((status, id) => ({
      id,
      node_id: `SC_${id}`,
      url: '',
      context: status.context,
      state: status.state,
      description: null,
      target_url: null,
      avatar_url: null,
      created_at: '2026-01-05T10:00:00Z',
      updated_at: '2026-01-05T10:05:00Z',
    })),
  };
}

type PullPart = Pick<Schemas['pull-request-simple'], 'id' | 'number' | 'state' | 'merged_at' | 'user'> & {
  head: Pick<Schemas['pull-request-simple']['head'], 'sha' | 'ref'>;
  base: { ref: string; repo: Pick<Schemas['repository'], 'full_name' | 'private'> };
};

export function pullRequest(pull: FakePull, state: GitHubState): PullPart {
  return {
    id: pull.number,
    number: pull.number,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged_at: (pull.state ?? 'merged') === 'merged' ? '2026-01-05T09:00:00Z' : null,
    user: user(pull.author),
    head: { sha: pull.head, ref: 'change' },
    base: { ref: 'main', repo: { full_name: state.repository, private: !state.isPublic } },
  };
}

export function pullReview(review: FakeReview, at: number, pull: FakePull): Schemas['pull-request-review'] {
  return {
    id: at,
    node_id: `PRR_${at}`,
    user: user(review.user, review.bot),
    body: '',
    state: review.state,
    html_url: '',
    pull_request_url: '',
    _links: { html: { href: '' }, pull_request: { href: '' } },
    submitted_at: new Date(Date.UTC(2026, 0, 4, 12, at)).toISOString(),
    commit_id: review.commit ?? pull.head,
    author_association: review.association ?? 'MEMBER',
  };
}

type RunPart = Pick<Schemas['workflow-run'], 'id' | 'check_suite_id' | 'workflow_id' | 'head_sha' | 'status'>;

export function workflowRun(id: string, state: GitHubState): RunPart | undefined {
  const run = state.runs[id];
  const { suite, workflow, status = 'in_progress' } = run ?? {};
  if (suite === undefined || workflow === undefined) return undefined;
  return { id: Number(id), check_suite_id: suite, workflow_id: workflow, head_sha: state.sha, status };
}

export function environment(name: string, state: GitHubState): Schemas['environment'] | undefined {
  const known = state.environments[name];
  if (!known) return undefined;
  const reviewers = [{ type: 'User' as const, reviewer: user('reviewer') }];
  const rule = { id: 1, node_id: 'GA_1', type: 'required_reviewers', prevent_self_review: true, reviewers };
  return {
    id: 1,
    node_id: 'EN_1',
    name,
    url: '',
    html_url: '',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    protection_rules: [
      ...(known.reviewers ? [rule] : []),
      ...(known.waitMinutes
        ? [{ id: 2, node_id: 'GA_2', type: 'wait_timer', wait_timer: known.waitMinutes }]
        : []),
      ...(known.refs ? [{ id: 3, node_id: 'GA_3', type: 'branch_policy' }] : []),
    ],
    deployment_branch_policy: known.refs
      ? { protected_branches: known.refs === 'protected', custom_branch_policies: known.refs !== 'protected' }
      : null,
  };
}

interface CustomRules {
  total_count: number;
  custom_deployment_protection_rules: Schemas['deployment-protection-rule'][];
}

export function customRules({ customRules: slugs = [] }: FakeEnvironment): CustomRules {
  const rules = slugs.map((slug, id) => ({
    id,
    node_id: `DPR_${id}`,
    enabled: true,
    app: { id, node_id: `A_${id}`, slug, integration_url: '' },
  }));
  return { total_count: rules.length, custom_deployment_protection_rules: rules };
}

export function refPatterns({ refs = [] }: FakeEnvironment): Schemas['deployment-branch-policy'][] {
  return refs === 'protected' ? [] : refs.map((ref, id) => ({ id, node_id: `BP_${id}`, ...ref }));
}

function user(login: string, bot = false): User {
  return {
    login,
    id: 1,
    node_id: 'U_1',
    avatar_url: '',
    gravatar_id: null,
    url: '',
    html_url: '',
    followers_url: '',
    following_url: '',
    gists_url: '',
    starred_url: '',
    subscriptions_url: '',
    organizations_url: '',
    repos_url: '',
    events_url: '',
    received_events_url: '',
    type: bot ? 'Bot' : 'User',
    site_admin: false,
  };
}
