import type { SqlStatement } from '../sql/grammar.ts';
import type { Script } from '../sql/script.ts';

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

const comment = /--[ \t]*slipway:[ \t]*allow\b[ \t]*([^\n]*)/gi;

/** The waivers of a file: each above its statement, or at the end of a line of it. Pure. */
export function waiversOf(script: Script): Waiver[] {
  const lines = lineStarts(script.sql);
  return [...script.sql.matchAll(comment)].map((match) => {
    const [, rules = '', reason] = /^(.*?)(?:(?:^|\s+)because\b\s*(.*?))?\s*$/i.exec(match[1] ?? '') ?? [];
    const line = lineOf(lines, match.index);
    const start = lines[line - 1] ?? 0;
    const alone = script.sql.slice(start, match.index).trim() === '';
    const target = alone ? lineOf(lines, nextCode(script.sql, match.index)) : line;
    return {
      rules: rules.split(/[,\s]+/).filter(Boolean),
      reason: reason || null,
      line,
      column: match.index - start + 1,
      covers: (statement, at) =>
        at === target ||
        (alone
          ? statement.line === target && statement.offset > match.index
          : lineOf(lines, statement.offset + statement.text.length) === line &&
            statement.offset < match.index),
    };
  });
}

function lineStarts(sql: string): number[] {
  const starts = [0];
  for (let at = sql.indexOf('\n'); at >= 0; at = sql.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line, from 1, of an index: by halving, since a file of data has very many. */
export function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index behind the comments and blanks from an index on. */
function nextCode(sql: string, from: number): number {
  const blank = /(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = from;
  blank.exec(sql);
  return blank.lastIndex;
}
