import { UserError } from '@slipway/kernel';
import type { LineCounter } from 'yaml';

/** A problem in the configuration, at a path of the effective tree (with the overrides merged in). */
export interface Problem {
  path: readonly string[];
  /** Whether the key or its value is wrong. */
  of: 'key' | 'value';
  /** What was expected and what was found, without the location. */
  message: string;
  /** The variable of `${NAME}` that is not set. */
  unset?: string;
}

/** The same problem, at a location in the text. */
export interface Located {
  /** In characters from the start of the text. */
  offset: number;
  message: string;
  unset?: string;
}

/** Everything that is wrong with the configuration: as one error to print, and problem by problem, in the order of the file. */
export class ConfigError extends UserError {
  readonly problems: readonly Sentence[];

  /** A single problem is the first line of the message. */
  constructor(file: string, lines: LineCounter, located: readonly Located[]) {
    const problems = sentencesOf(file, lines, located);
    const [only, ...others] = problems;
    const message =
      only !== undefined && others.length === 0
        ? only.text
        : `the configuration has ${problems.length} problems:\n${problems.map(({ text }) => text).join('\n')}`;
    super(message, { hint: 'Nothing was changed. See docs/configuration.md for every key.' });
    this.problems = problems;
  }
}

/** `file:line:column: message`. */
interface Sentence {
  text: string;
  /** The variable that is not set, when that is all that is wrong. */
  unset?: string;
}

function sentencesOf(file: string, lines: LineCounter, located: readonly Located[]): Sentence[] {
  const sentences = located
    .map(({ offset, ...problem }) => ({ ...problem, ...lines.linePos(offset) }))
    .sort((a, b) => a.line - b.line || a.col - b.col)
    .map(({ line, col, message, unset }) => {
      const text = `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`;
      return unset === undefined ? { text } : { text, unset };
    });
  return [...new Map(sentences.map((sentence) => [sentence.text, sentence])).values()];
}
