import type { VariableRule } from '@slipway/config';
import { DatabaseUrl } from '@slipway/kernel';
import { judgeOrigins } from './origins.ts';

/** Either what kind of value it is or what is wrong with it: the rest of a sentence, never the value. */
export type Judgement = { good: string } | { bad: string };

export interface Surroundings {
  /** The step's variables, for rules that compare two. */
  env: Readonly<Record<string, string>>;
  /** Stricter rules for origins apply. */
  production: boolean;
}

/** Judges a value by the type that its rule names, then by the rule's bounds. */
export function judgeValue(value: string, rule: VariableRule, around: Surroundings): Judgement {
  const typed = judgeType(value, rule, around);
  if ('bad' in typed) return typed;
  const bad =
    bound(value, rule) ?? (rule.type === 'integer' ? range(Number(value), rule, around.env) : undefined);
  return bad === undefined ? typed : { bad };
}

function judgeType(value: string, rule: VariableRule, around: Surroundings): Judgement {
  switch (rule.type) {
    case 'integer':
      return /^-?\d{1,15}$/.test(value) ? { good: 'a whole number' } : { bad: 'is not a whole number' };
    case 'boolean':
      return /^(true|false)$/.test(value) ? { good: 'true or false' } : { bad: 'is neither true nor false' };
    case 'url':
      return /^https?:$/.test(URL.parse(value)?.protocol ?? '')
        ? { good: 'an http(s) URL' }
        : { bad: 'is not an http:// or https:// URL' };
    case 'postgres-url':
      return judgePostgresUrl(value);
    case 'origins':
      return judgeOrigins(value, around.production);
    case 'text':
      return { good: `${value.length} characters` };
  }
}

function judgePostgresUrl(value: string): Judgement {
  const found = DatabaseUrl.read(value);
  if (!found.ok) return { bad: found.problem };
  const { host, database, hasPassword } = found.url;
  if (host === undefined) return { bad: 'names no host' };
  if (database === undefined) return { bad: 'names no database' };
  return { good: `a PostgreSQL URL, ${hasPassword ? 'with' : 'without'} a password` };
}

function bound(value: string, rule: VariableRule): string | undefined {
  const prefix = rule['starts-with'];
  const shortest = rule['min-length'];
  if (rule['one-of'] && !rule['one-of'].includes(value)) return `is none of ${rule['one-of'].join(', ')}`;
  if (prefix !== undefined && !value.startsWith(prefix)) return `does not start with ${prefix}`;
  if (shortest !== undefined && value.length < shortest)
    return `has ${value.length} characters, fewer than the ${shortest} that are needed`;
  return undefined;
}

function range(value: number, rule: VariableRule, env: Surroundings['env']): string | undefined {
  if (rule.min !== undefined && value < rule.min) return `is below ${rule.min}`;
  if (rule.max !== undefined && value > rule.max) return `is above ${rule.max}`;
  const other = rule['at-most'];
  if (other === undefined) return undefined;
  const most = env[other] ?? '';
  if (!/^-?\d{1,15}$/.test(most)) return `cannot be compared with ${other}, which holds no whole number`;
  return value > Number(most) ? `is larger than ${other}` : undefined;
}
