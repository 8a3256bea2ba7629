import { UserError } from '@slipway/kernel';
import type { LineCounter } from 'yaml';

/** Something wrong in the configuration, at a place of the effective tree (overrides merged in). */
export interface Problem {
  path: readonly string[];
  /** Whether the key itself is wrong or what stands behind it. */
  of: 'key' | 'value';
  /** What was expected and what was found, without the place. */
  message: string;
}

/** The same, at a place of the text. */
export interface Located {
  /** In characters from the start of the text. */
  offset: number;
  message: string;
}

/** All problems in one error, in the order of the file, each as `file:line:column: message`. */
export function configError(file: string, lines: LineCounter, problems: readonly Located[]): UserError {
  const sentences = problems
    .map(({ offset, message }) => ({ message, ...lines.linePos(offset) }))
    .sort((a, b) => a.line - b.line || a.col - b.col)
    .map(({ line, col, message }) => `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`);
  const unique = [...new Set(sentences)];
  const count = unique.length === 1 ? 'a problem' : `${unique.length} problems`;
  return new UserError(`the configuration has ${count}:\n${unique.join('\n')}`, {
    hint: 'Nothing was done. The keys are described in slipway.schema.json.',
  });
}
