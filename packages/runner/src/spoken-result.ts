import { type OutsideText, plainText, type Redactor } from '@slipway/kernel';
import type { Result } from './action.ts';

/** Lines of details that an annotation holds. */
const maxAnnotatedLines = 60;
/** Lines that the job summary and the report show. */
export const maxShownLines = 200;
/** Lines that travel in the record, through job outputs. */
export const maxRecordedLines = 20;
const maxLineLength = 500;

/** A result in safe words. */
export interface SpokenResult {
  /** One sentence, one line. */
  summary: string;
  details: readonly string[];
  /** Sentence, bounded details and hint, a line each. */
  annotation: string;
}

/** What people read of a result. Whatever comes after the first line of its summary is a detail. */
export function spokenResult({ summary, details = [], hint }: Result, redactor: Redactor): SpokenResult {
  const safe = (text: string | OutsideText): string => redactor.redact(plainText(String(text)));
  const [sentence = '', ...rest] = safe(summary).trim().split('\n');
  const lines = [...rest, ...details.flatMap((detail) => safe(detail).split('\n'))]
    .filter((line) => line.trim() !== '')
    .map(cut);
  const hints = hint ? [safe(hint)] : [];
  return {
    summary: sentence,
    details: lines,
    annotation: [sentence, ...boundedLines(lines, maxAnnotatedLines), ...hints].join('\n'),
  };
}

/** The first and the last lines, when there are more than may be shown. */
export function boundedLines(lines: readonly string[], max: number): string[] {
  if (lines.length <= max) return [...lines];
  const first = Math.floor(max / 2);
  const last = max - first - 1;
  return [
    ...lines.slice(0, first),
    `… ${lines.length - first - last} more lines …`,
    ...lines.slice(lines.length - last),
  ];
}

function cut(line: string): string {
  return line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line;
}
