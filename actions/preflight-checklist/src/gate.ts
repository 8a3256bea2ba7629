import { type Finding, failed, passed } from './checklist.ts';
import { type EnvironmentRules, readEnvironment, refProblem } from './environment-rules.ts';
import type { GitHub } from './github.ts';
import { ApiError } from './github-errors.ts';

/** The environment whose reviewers approve a release. */
function gateOf(environment: string): string {
  return `${environment}-approval`;
}

/**
 * Whether anybody must approve the release. A job that names an environment which does not exist makes GitHub create
 * it without any protection: the gate would be open and nobody would notice.
 */
export async function judgeGate(github: GitHub, environment: string, ref: string): Promise<Finding> {
  const gate = gateOf(environment);
  const remedy = `Create the environment ${gate} with required reviewers in the repository settings, or set preflight.gate to optional.`;
  let rules: EnvironmentRules;
  try {
    rules = await readEnvironment(github, gate);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return failed(`the environment ${gate} does not exist; GitHub would create it unprotected`, remedy);
  }
  const { reviewers, preventsSelfReview, customRules } = rules;
  if (reviewers === 0)
    return failed(`the environment ${gate} has no required reviewers, so nobody has to approve`, remedy);
  if (customRules.length > 0)
    return failed(
      `the environment ${gate} has the protection rule ${customRules.join(', ')}, which does not work with "deployment: false"`,
      `Remove the custom rule from ${gate}: the job "approve" creates no deployment that it could decide about.`,
    );
  const problem = refProblem(rules, ref);
  if (problem)
    return failed(
      `the environment ${gate} ${problem}`,
      `Remove the restriction from ${gate}; it belongs on ${environment}.`,
    );
  const self = preventsSelfReview ? ', who may not have started the run' : '';
  const asked = reviewers === 1 ? '1 reviewer or team' : `one of ${reviewers} reviewers or teams`;
  return passed(`${gate} requires approval by ${asked}${self}`);
}

export function waivedGate(environment: string): Finding {
  return {
    state: 'waived',
    evidence: `preflight.gate is optional, so nobody has to approve a release to ${environment}`,
  };
}
