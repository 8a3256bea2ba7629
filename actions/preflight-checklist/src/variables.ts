import type { PreflightConfig, VariableRule } from '@slipway/config';
import type { ChecklistItem } from '@slipway/release';
import { deferred, type Finding, failed, passed, skipped } from './checklist.ts';
import { placeholderProblem } from './placeholder-values.ts';
import type { Stage } from './stage.ts';
import { judgeValue, type RuleContext } from './values.ts';

type Rules = Pick<PreflightConfig, 'env' | 'any-of'>;

/**
 * One line per variable that the configuration names, and one per group of which one must be set. A value is never
 * shown, only its length or kind. Pure.
 */
export function judgeVariables(
  rules: Rules,
  env: Readonly<Record<string, string>>,
  environment: string,
  stage: Stage,
): ChecklistItem[] {
  const context = { env, production: /^prod(uction)?(?![a-z])/i.test(environment) };
  const isEarly = stage === 'before-approval';
  const variables = Object.entries(rules.env).map(([name, rule]) => ({
    id: `env.${name}`,
    title: `Environment variable ${name}`,
    ...((isEarly && judgeEarly(name, rule, env[name] ?? '', environment)) ||
      judgeVariable(name, rule, context, environment)),
  }));
  const groups = rules['any-of'].map((names, at) => ({
    id: `any-of.${at + 1}`,
    title: `At least one of ${names.join(', ')}`,
    ...judgeGroup(names, env, environment, isEarly),
  }));
  if (variables.length + groups.length > 0) return [...variables, ...groups];
  return [{ id: 'env', title: 'Environment variables', ...skipped('preflight.env names no variable') }];
}

/** What the approval decides about a variable, before it: nothing when the variable is judged by its value. */
function judgeEarly(
  name: string,
  { secret }: VariableRule,
  value: string,
  environment: string,
): Finding | undefined {
  if (value === '' && secret !== false) return deferred(`${name} is not set before the approval`);
  if (value === '' || secret !== true) return undefined;
  return failed(
    `${name} is a secret, but it is set before the approval`,
    `Move ${name} to the secrets of the environment ${environment}.`,
  );
}

function judgeVariable(name: string, rule: VariableRule, context: RuleContext, environment: string): Finding {
  const value = context.env[name] ?? '';
  const why = rule.why ? ` ${rule.why}` : '';
  if (value === '') {
    if (rule.optional) return skipped(`${name} is not set; it is optional`);
    return failed(`${name} is not set`, `Set ${name} as a secret or variable of ${environment}.${why}`);
  }
  const problem = problemWith(value, rule, context);
  if (problem === undefined) return passed(`${name} is set: ${kindOf(value, rule, context)}`);
  return failed(`${name} ${problem}`, `Correct the secret or variable ${name} of ${environment}.${why}`);
}

/** A value that the rule lists verbatim is never taken for a placeholder. */
function problemWith(value: string, rule: VariableRule, context: RuleContext): string | undefined {
  const listed = rule['one-of']?.includes(value) ?? false;
  const placeholder = listed ? undefined : placeholderProblem(value);
  if (placeholder) return placeholder;
  const judged = judgeValue(value, rule, context);
  return judged.ok ? undefined : judged.problem;
}

function kindOf(value: string, rule: VariableRule, context: RuleContext): string {
  if (rule['one-of']) return `one of ${rule['one-of'].length} allowed values`;
  const judged = judgeValue(value, rule, context);
  return judged.ok ? judged.kind : '';
}

function judgeGroup(
  names: readonly string[],
  env: Readonly<Record<string, string>>,
  environment: string,
  isEarly: boolean,
): Finding {
  const given = names.filter((name) => (env[name] ?? '') !== '');
  const usable = given.filter((name) => placeholderProblem(env[name] ?? '') === undefined);
  if (usable.length > 0) return passed(`set: ${usable.join(', ')}`);
  if (isEarly && given.length === 0) return deferred('none is set before the approval');
  const remedy = `Set at least one of them as a secret or variable of ${environment}.`;
  const unusable = given.map((name) => `${name} ${placeholderProblem(env[name] ?? '')}`);
  if (unusable.length > 0)
    return failed(`none of ${names.join(', ')} can be used: ${unusable.join(', ')}`, remedy);
  return failed(`none of ${names.join(', ')} is set`, remedy);
}
