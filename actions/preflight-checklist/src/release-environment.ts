import { type Finding, failed, passed, skipped } from './checklist.ts';
import { type EnvironmentRules, readEnvironment, refProblem } from './environment-rules.ts';
import type { GitHub } from './github.ts';
import { ApiError } from './github-errors.ts';

/**
 * Whether the environment of a release lets every job of it begin at once: what waits there would hold the rescue and the
 * rollback as well. An environment that cannot be read decides nothing.
 */
export async function judgeEnvironment(github: GitHub, environment: string, ref: string): Promise<Finding> {
  try {
    return judgeRules(environment, await readEnvironment(github, environment), ref);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404)
      return skipped(`the environment ${environment} does not exist; GitHub creates it without rules`);
    if (error.status === 403) return skipped(`the token cannot read the environment ${environment}`);
    throw error;
  }
}

/** Pure. */
function judgeRules(environment: string, rules: EnvironmentRules, ref: string): Finding {
  const { reviewers, waitMinutes, customRules } = rules;
  const holds = [
    ...(reviewers > 0 ? ['required reviewers'] : []),
    ...(waitMinutes > 0 ? [`a wait timer of ${waitMinutes} min`] : []),
    ...(customRules.length > 0 ? [`the protection rule ${customRules.join(', ')}`] : []),
  ];
  if (holds.length > 0)
    return failed(
      `the environment ${environment} has ${holds.join(' and ')}, which would hold a rescue and a rollback`,
      `Move reviewers and wait timers to the environment ${environment}-approval, and remove custom rules.`,
    );
  const problem = refProblem(rules, ref);
  if (problem)
    return failed(
      `the environment ${environment} ${problem}`,
      `Add it to the deployment branches and tags of ${environment}, under "Selected branches and tags".`,
    );
  return passed(`nothing holds a job on ${environment}${noteOnDispatch(rules)}`);
}

/** Whoever starts rollback.yml by hand gets the default branch proposed, which the rule may not accept. */
function noteOnDispatch({ refs }: EnvironmentRules): string {
  if (typeof refs === 'string' || refs.some(({ type }) => type !== 'tag')) return '';
  const tags = refs.map(({ name }) => name).join(', ');
  return `; it accepts only the tags ${tags}: start rollback.yml on one of them, not on a branch`;
}
