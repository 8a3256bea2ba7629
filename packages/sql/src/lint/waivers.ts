import { afterBlanks } from '../syntax/blanks.ts';
import type { SqlStatement } from '../syntax/grammar.ts';
import type { Locate } from '../syntax/location.ts';
import { hasMarkers } from '../syntax/markers.ts';
import type { Script } from '../syntax/script.ts';
import type { Finding } from './finding.ts';

/** A comment `-- slipway: allow <rule>[, <rule>] because <reason>`. */
export interface Waiver {
  rules: string[];
  /** null when it was forgotten. */
  reason: string | null;
  line: number;
  column: number;
  /** Whether a finding of a statement, on a line of the file, is meant. */
  covers(statement: SqlStatement, line: number): boolean;
}

const comment = /--[ \t]*slipway:[ \t]*allow\b[ \t]*([^\r\n]*)/gi;

/** The waivers of a file: each above its statement, or at the end of a line of it. Pure. */
export function waiversOf(script: Script, locate: Locate): Waiver[] {
  if (!hasMarkers(script.sql)) return [];
  return [...script.sql.matchAll(comment)].map((match) => {
    const [, rules = '', reason] = /^(.*?)(?:(?:^|\s+)because\b\s*(.*?))?\s*$/i.exec(match[1] ?? '') ?? [];
    const { line, column } = locate(match.index);
    const alone = script.sql.slice(match.index - column + 1, match.index).trim() === '';
    const target = alone ? locate(afterBlanks(script.sql, match.index)).line : line;
    return {
      rules: rules.split(/[,\s]+/).filter(Boolean),
      reason: reason || null,
      line,
      column,
      covers: (statement, at) =>
        at === target ||
        (alone
          ? statement.line === target && statement.offset > match.index
          : locate(statement.offset + statement.text.length).line === line && statement.offset < match.index),
    };
  });
}

/** A waiver must say why, name a rule that there is, and allow something. */
export function waiverFindings(
  { file }: Script,
  waivers: readonly Waiver[],
  used: ReadonlySet<Waiver>,
  names: ReadonlySet<string>,
): Finding[] {
  return waivers.flatMap((waiver): Finding[] => {
    const { line, column, rules, reason } = waiver;
    const unknown = rules.filter((name) => !names.has(name));
    const base = { file, line, column, waived: null };
    const problems: Finding[] = unknown.map((name) => ({
      ...base,
      rule: 'waiver-unknown-rule',
      level: 'error',
      message: `unknown rule "${name}"`,
      remedy: `Choose one of ${[...names].join(', ')}.`,
    }));
    if (rules.length === 0 || reason === null)
      problems.push({
        ...base,
        rule: 'waiver-without-reason',
        level: 'error',
        message: 'this waiver does not say what it allows and why',
        remedy: `-- slipway: allow ${rules.join(', ') || '<rule>'} because <reason>`,
      });
    if (problems.length === 0 && !used.has(waiver))
      problems.push({
        ...base,
        rule: 'waiver-unused',
        level: 'warning',
        message: `this waiver has no effect: ${rules.join(', ')} finds nothing in the statement below or on this line`,
        remedy: 'Delete it, or move it directly above the statement that it is about.',
      });
    return problems;
  });
}
