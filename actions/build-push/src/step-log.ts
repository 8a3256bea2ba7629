import type { OutsideText } from '@slipway/kernel';

/** The line with which BuildKit ends the step that failed. */
const failedVertex = /^#(?<id>\d+) ERROR: .*(?:did not complete successfully|executor failed running)/m;

/** How compilers, package managers and interpreters begin an error, the surest first. */
const errors: readonly RegExp[] = [
  /^(?:npm|pnpm|yarn) (?:ERR!|error)|(?:^|[\s:[(])(?:error|fatal|panic)(?:[:!\]]|\[\w+\]| TS\d| CS\d)|^(?:\w+\.)*\w*(?:Error|Exception):|^Traceback |^E: /i,
  /\b(?:error|fatal|failed|failure|exception|undefined reference|not found|no such file|permission denied|cannot|could not)\b/i,
];
const harmless = /\b(?:0|no) (?:errors?|failures?|failed)\b|\bwarn(?:ing)?\b/i;

const maxCauseLength = 200;
/** Lines from the first error on, and lines of the end. */
const [aroundCause, atEnd] = [4, 8];

/**
 * What a failed step printed: its first error, which a long log has far above its end, and the lines that show more.
 * @param excerpt The end of it, as BuildKit repeats it.
 */
export function explainStep(
  output: OutsideText,
  excerpt: string,
): { cause: string; details: readonly OutsideText[] } {
  const lines = linesOfStep(output.data.replaceAll('\r', '')) ?? excerpt.split('\n');
  const at = firstError(lines);
  const end = output.part(excerpt).tail(atEnd);
  if (at < 0) return { cause: '', details: end };
  const cause = output.part(withoutTime(lines[at] ?? '')).excerpt(maxCauseLength);
  if (at >= lines.length - atEnd) return { cause, details: end };
  return { cause, details: [...output.part(lines.slice(at, at + aroundCause).join('\n')).lines(), ...end] };
}

/** `#5 0.412 npm error …` without the number of the step. */
function linesOfStep(said: string): string[] | undefined {
  const id = failedVertex.exec(said)?.groups?.id;
  if (id === undefined) return undefined;
  const beginning = `#${id} `;
  const lines = said.split('\n').flatMap((line) => {
    const text = line.startsWith(beginning) ? line.slice(beginning.length) : '';
    return /^\d+\.\d+ /.test(text) ? [text] : [];
  });
  return lines.length > 0 ? lines : undefined;
}

function firstError(lines: readonly string[]): number {
  for (const pattern of errors) {
    const at = lines.findIndex((line) => pattern.test(withoutTime(line)) && !harmless.test(line));
    if (at >= 0) return at;
  }
  return -1;
}

/** Without the seconds since the start of the step. */
function withoutTime(line: string): string {
  return line.replace(/^\d+\.\d+ /, '');
}
