import type { components } from '@octokit/openapi-types';
import type { GitHub } from './github.ts';
import { ApiError } from './github-errors.ts';
import { matchesRef } from './ref-pattern.ts';

type Schemas = components['schemas'];
type Environment = Schemas['environment'];
type CustomRule = Pick<Schemas['deployment-protection-rule'], 'enabled' | 'app'>;
type RefPattern = { name: string; type?: 'branch' | 'tag' };

const needs = 'actions: read';

/** What the settings of the repository say about one environment. */
export interface EnvironmentRules {
  /** Number of people and teams of whom one must approve; 0 when nobody must. */
  reviewers: number;
  preventsSelfReview: boolean;
  waitMinutes: number;
  /** Apps that decide, by name. */
  customRules: string[];
  refs: 'all' | 'protected branches' | readonly RefPattern[];
}

type Rule = {
  type: string;
  wait_timer?: number;
  prevent_self_review?: boolean;
  reviewers?: unknown[];
};

/** @throws ApiError, with status 404 when there is no such environment. */
export async function readEnvironment(github: GitHub, name: string): Promise<EnvironmentRules> {
  const parameters = { environment_name: name };
  const found = await github.get<Environment>(
    'GET /repos/{owner}/{repo}/environments/{environment_name}',
    parameters,
    needs,
  );
  const rules = (found.protection_rules ?? []) as Rule[];
  const review = rules.find(({ type }) => type === 'required_reviewers');
  return {
    reviewers: review?.reviewers?.length ?? 0,
    preventsSelfReview: review?.prevent_self_review ?? false,
    waitMinutes: rules.find(({ type }) => type === 'wait_timer')?.wait_timer ?? 0,
    customRules: await readCustomRules(github, parameters),
    refs: await readRefs(github, parameters, found.deployment_branch_policy),
  };
}

/** None where GitHub does not list them for this token: the reviewers, which are what counts, were read before. */
async function readCustomRules(github: GitHub, parameters: Record<string, string>): Promise<string[]> {
  const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules';
  try {
    const { custom_deployment_protection_rules: rules = [] } = await github.get<{
      custom_deployment_protection_rules?: CustomRule[];
    }>(route, parameters, needs);
    return rules.filter(({ enabled }) => enabled).map(({ app }) => app.slug);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return [];
    throw error;
  }
}

async function readRefs(
  github: GitHub,
  parameters: Record<string, string>,
  policy: Environment['deployment_branch_policy'],
): Promise<EnvironmentRules['refs']> {
  if (!policy) return 'all';
  if (policy.protected_branches) return 'protected branches';
  return github.list<{ branch_policies: RefPattern[] }, RefPattern>(
    'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    parameters,
    needs,
    ({ branch_policies }) => branch_policies,
  );
}

/**
 * Why jobs of a branch or tag may not name the environment, as the rest of a sentence; undefined when they may. Pure.
 * @param ref `refs/tags/v1.4.0`; empty outside a run.
 */
export function refProblem({ refs }: EnvironmentRules, ref: string): string | undefined {
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (refs === 'all' || kind === undefined) return undefined;
  const what = kind === 'tags' ? `the tag ${name}` : `the branch ${name}`;
  if (refs === 'protected branches')
    return kind === 'tags' ? `accepts only protected branches, not ${what}` : undefined;
  const type = kind === 'tags' ? 'tag' : 'branch';
  const accepted = refs.some((one) => (one.type ?? 'branch') === type && matchesRef(one.name, name));
  if (accepted) return undefined;
  const listed = refs.map((one) => `${one.type ?? 'branch'} ${one.name}`).join(', ');
  return `accepts only ${listed || 'no branch and no tag'}, not ${what}`;
}
