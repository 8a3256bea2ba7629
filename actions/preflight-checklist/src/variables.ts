import type { PreflightConfig, VariableRule } from '@slipway/config';
import type { ChecklistItem } from '@slipway/release';
import { type Finding, failed, passed, skipped } from './checklist.ts';
import { suspicious } from './suspicious.ts';
import { judgeValue, type Surroundings } from './values.ts';

type Rules = Pick<PreflightConfig, 'env' | 'any-of'>;

/**
 * One line per variable that the configuration names, one per group of which one must be set. No value is ever
 * told, only its length or kind. Pure.
 */
export function judgeVariables(
  rules: Rules,
  env: Readonly<Record<string, string>>,
  environment: string,
): ChecklistItem[] {
  const around = { env, production: /^prod(uction)?(?![a-z])/i.test(environment) };
  const variables = Object.entries(rules.env).map(([name, rule]) => ({
    id: `env.${name}`,
    title: `Environment variable ${name}`,
    ...judgeVariable(name, rule, around, environment),
  }));
  const groups = rules['any-of'].map((names, at) => ({
    id: `any-of.${at + 1}`,
    title: `At least one of ${names.join(', ')}`,
    ...judgeGroup(names, env, environment),
  }));
  if (variables.length + groups.length > 0) return [...variables, ...groups];
  return [{ id: 'env', title: 'Environment variables', ...skipped('preflight.env names no variable') }];
}

function judgeVariable(name: string, rule: VariableRule, around: Surroundings, environment: string): Finding {
  const value = around.env[name] ?? '';
  const why = rule.why ? ` ${rule.why}` : '';
  if (value === '') {
    if (rule.optional) return skipped(`${name} is not set; it is optional`);
    return failed(`${name} is not set`, `Set ${name} as a secret or variable of ${environment}.${why}`);
  }
  const bad = complaint(value, rule, around);
  if (bad === undefined) return passed(`${name} is set: ${kindOf(value, rule, around)}`);
  return failed(`${name} ${bad}`, `Correct the secret or variable ${name} of ${environment}.${why}`);
}

/** A value that the rule lists word for word is never suspicious. */
function complaint(value: string, rule: VariableRule, around: Surroundings): string | undefined {
  const listed = rule['one-of']?.includes(value) ?? false;
  const sign = listed ? undefined : suspicious(value);
  if (sign) return sign;
  const judged = judgeValue(value, rule, around);
  return 'bad' in judged ? judged.bad : undefined;
}

function kindOf(value: string, rule: VariableRule, around: Surroundings): string {
  if (rule['one-of']) return `one of ${rule['one-of'].length} allowed values`;
  const judged = judgeValue(value, rule, around);
  return 'good' in judged ? judged.good : '';
}

function judgeGroup(
  names: readonly string[],
  env: Readonly<Record<string, string>>,
  environment: string,
): Finding {
  const given = names.filter((name) => (env[name] ?? '') !== '');
  const real = given.filter((name) => suspicious(env[name] ?? '') === undefined);
  if (real.length > 0) return passed(`set: ${real.join(', ')}`);
  const remedy = `Set at least one of them as a secret or variable of ${environment}.`;
  const doubtful = given.map((name) => `${name} ${suspicious(env[name] ?? '')}`);
  if (doubtful.length > 0)
    return failed(`none of ${names.join(', ')} can be used: ${doubtful.join(', ')}`, remedy);
  return failed(`none of ${names.join(', ')} is set`, remedy);
}
