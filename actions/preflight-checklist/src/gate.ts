import type { components } from '@octokit/openapi-types';
import { type Finding, failed, passed } from './checklist.ts';
import type { GitHub } from './github.ts';
import { ApiError } from './github-errors.ts';

type Environment = components['schemas']['environment'];
type ReviewRule = { type: string; prevent_self_review?: boolean; reviewers?: unknown[] };

/** The environment whose reviewers approve a release. */
function gateOf(environment: string): string {
  return `${environment}-approval`;
}

/**
 * Whether anybody must approve the release. A job that names an environment which does not exist makes GitHub create
 * it without any protection: the gate would be open and nobody would notice.
 */
export async function judgeGate(github: GitHub, environment: string): Promise<Finding> {
  const gate = gateOf(environment);
  const remedy = `Create the environment ${gate} with required reviewers in the settings of the repository, or set preflight.gate to optional.`;
  let found: Environment;
  try {
    found = await github.get(
      'GET /repos/{owner}/{repo}/environments/{environment_name}',
      { environment_name: gate },
      'actions: read',
    );
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return failed(`the environment ${gate} does not exist; GitHub would create it unprotected`, remedy);
  }
  const rules = (found.protection_rules ?? []) as ReviewRule[];
  const reviewed = rules.find(
    ({ type, reviewers }) => type === 'required_reviewers' && (reviewers?.length ?? 0) > 0,
  );
  if (!reviewed)
    return failed(`the environment ${gate} has no required reviewers, so nobody has to approve`, remedy);
  const self = reviewed.prevent_self_review ? ', who may not have started the run' : '';
  const asked =
    reviewed.reviewers?.length === 1
      ? '1 reviewer or team'
      : `one of ${reviewed.reviewers?.length} reviewers or teams`;
  return passed(`${gate} requires approval by ${asked}${self}`);
}

export function waivedGate(environment: string): Finding {
  return {
    state: 'waived',
    evidence: `preflight.gate is optional, so nobody has to approve a release to ${environment}`,
  };
}
