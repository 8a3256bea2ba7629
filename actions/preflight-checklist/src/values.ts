import type { VariableRule } from '@slipway/config';
import { DatabaseUrl } from '@slipway/kernel';
import { accepted, type Judgement, rejected } from './judgement.ts';
import { judgeOrigins } from './origins.ts';

export interface RuleContext {
  /** The variables of the step, for rules that compare two of them. */
  env: Readonly<Record<string, string>>;
  /** Stricter rules for origins apply. */
  production: boolean;
}

/** Judges a value by the type that its rule names, then by the rule's bounds. */
export function judgeValue(value: string, rule: VariableRule, context: RuleContext): Judgement {
  const typed = judgeType(value, rule, context);
  if (!typed.ok) return typed;
  const problem =
    bound(value, rule) ?? (rule.type === 'integer' ? range(Number(value), rule, context.env) : undefined);
  return problem === undefined ? typed : rejected(problem);
}

function judgeType(value: string, rule: VariableRule, context: RuleContext): Judgement {
  switch (rule.type) {
    case 'integer':
      return /^-?\d{1,15}$/.test(value) ? accepted('a whole number') : rejected('is not a whole number');
    case 'boolean':
      return /^(true|false)$/.test(value) ? accepted('true or false') : rejected('is neither true nor false');
    case 'url':
      return /^https?:$/.test(URL.parse(value)?.protocol ?? '')
        ? accepted('an http(s) URL')
        : rejected('is not an http:// or https:// URL');
    case 'postgres-url':
      return judgePostgresUrl(value);
    case 'origins':
      return judgeOrigins(value, context.production);
    case 'text':
      return accepted(`${value.length} characters`);
  }
}

function judgePostgresUrl(value: string): Judgement {
  const found = DatabaseUrl.read(value);
  if (!found.ok) return rejected(found.problem);
  const { host, database, hasPassword } = found.url;
  if (host === undefined) return rejected('names no host');
  if (database === undefined) return rejected('names no database');
  return accepted(`a PostgreSQL URL, ${hasPassword ? 'with' : 'without'} a password`);
}

function bound(value: string, rule: VariableRule): string | undefined {
  const prefix = rule['starts-with'];
  const minLength = rule['min-length'];
  if (rule['one-of'] && !rule['one-of'].includes(value)) return `is not one of ${rule['one-of'].join(', ')}`;
  if (prefix !== undefined && !value.startsWith(prefix)) return `does not start with ${prefix}`;
  if (minLength !== undefined && value.length < minLength)
    return `has ${value.length} characters; at least ${minLength} are required`;
  return undefined;
}

function range(value: number, rule: VariableRule, env: RuleContext['env']): string | undefined {
  if (rule.min !== undefined && value < rule.min) return `is below ${rule.min}`;
  if (rule.max !== undefined && value > rule.max) return `is above ${rule.max}`;
  const other = rule['at-most'];
  if (other === undefined) return undefined;
  const max = env[other] ?? '';
  if (!/^-?\d{1,15}$/.test(max)) return `cannot be compared with ${other}, which is not a whole number`;
  return value > Number(max) ? `is larger than ${other}` : undefined;
}
