import { UserError } from '@slipway/kernel';
import type { LineCounter } from 'yaml';

/** A problem in the configuration, at a path of the effective tree (with the overrides merged in). */
export interface Problem {
  path: readonly string[];
  /** Whether the key or its value is wrong. */
  of: 'key' | 'value';
  /** What was expected and what was found, without the location. */
  message: string;
}

/** The same problem, at a location in the text. */
export interface Located {
  /** In characters from the start of the text. */
  offset: number;
  message: string;
}

/** Collects all problems in one error, in the order of the file, each as `file:line:column: message`. A single one is the first line. */
export function configError(file: string, lines: LineCounter, problems: readonly Located[]): UserError {
  const sentences = problems
    .map(({ offset, message }) => ({ message, ...lines.linePos(offset) }))
    .sort((a, b) => a.line - b.line || a.col - b.col)
    .map(({ line, col, message }) => `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`);
  const unique = [...new Set(sentences)];
  const [only, ...others] = unique;
  const message =
    only !== undefined && others.length === 0
      ? only
      : `the configuration has ${unique.length} problems:\n${unique.join('\n')}`;
  return new UserError(message, {
    hint: 'Nothing was changed. See docs/configuration.md for every key.',
  });
}
