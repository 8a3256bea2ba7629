import type { NodeTag } from '../syntax/grammar.ts';
import type { Rule } from './finding.ts';
import { appendOnlyRules } from './rules/append-only.ts';
import { blockRules } from './rules/blocks.ts';
import { breakingRules } from './rules/breaking.ts';
import { columnTypeRules } from './rules/column-types.ts';
import { columnRules } from './rules/columns.ts';
import { constraintRules } from './rules/constraints.ts';
import { destructiveRules } from './rules/destructive.ts';
import { domainRules } from './rules/domains.ts';
import { indexRules } from './rules/indexes.ts';
import { partitionRules } from './rules/partitions.ts';
import { rewriteRules } from './rules/rewrites.ts';
import { rowRules } from './rules/rows.ts';
import { settingRules } from './rules/settings.ts';
import { typeRules } from './rules/types.ts';

/** Rules that check the file as a whole. */
const fileRules = ['no-down', 'irreversible-down'];

/** The names that a waiver may use. */
export function ruleNames(): string[] {
  return [...rulesFor([]).map(({ name }) => name), ...fileRules];
}

/** The rules that check statements. @param appendOnly Tables that only grow. */
export function rulesFor(appendOnly: readonly string[]): Rule[] {
  return [
    ...indexRules,
    ...columnRules,
    ...constraintRules,
    ...breakingRules,
    ...destructiveRules,
    ...rowRules,
    ...rewriteRules,
    ...partitionRules,
    ...domainRules,
    ...typeRules,
    ...columnTypeRules,
    ...settingRules,
    ...blockRules,
    ...appendOnlyRules(appendOnly),
  ];
}

/** Finds the rules for a kind of statement, in their order: few rules concern most statements. */
export function ruleFinder(rules: readonly Rule[]): (tag: NodeTag) => readonly Rule[] {
  const found = new Map<NodeTag, readonly Rule[]>();
  return (tag) => {
    const known = found.get(tag);
    if (known) return known;
    const those = rules.filter(({ on }) => on === 'any' || on.includes(tag));
    found.set(tag, those);
    return those;
  };
}
