import type { Redactor } from '@slipway/kernel';
import type { Finding } from '../verdict/finding.ts';
import type { Kubectl } from './kubectl.ts';

/** Lines of a failing container that are shown. */
const tail = 25;

/** What looks like a secret although nobody named it as one. */
const secretShapes: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '***'],
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, '$1:***@'],
  [
    /\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|credential)[\w-]*["']?\s*[=:]\s*)(["']?)[^\s"',;}]{4,}\2/gi,
    '$1***',
  ],
  [/\b(?:gh[pousr]_|xox[abpr]-|sk-|AKIA)[\w-]{12,}/g, '***'],
];

/** The text without the secrets of the step and without what looks like one. */
export function withoutSecrets(text: string, redactor: Pick<Redactor, 'redact'>): string {
  return secretShapes.reduce(
    (left, [pattern, instead]) => left.replace(pattern, instead),
    redactor.redact(text),
  );
}

/**
 * The last lines that the failing container printed; those of the run before when it has been started again since.
 * What cannot be read is said in a line of its own and fails nothing.
 */
export async function logLines(
  kubectl: Kubectl,
  finding: Finding,
  redactor: Pick<Redactor, 'redact'>,
): Promise<string[]> {
  const [pod] = finding.subjects;
  if (!finding.logs || !pod || !finding.container) return [];
  const args = ['logs', pod, `--container=${finding.container}`, `--tail=${tail}`];
  const runs = finding.logs === 'previous' ? [['--previous'], []] : [[]];
  for (const which of runs) {
    const ended = await kubectl.run([...args, ...which]);
    const lines = ended.stdout.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (ended.code === 0 && lines.length > 0)
      return lines
        .filter((line, i) => line !== lines[i - 1])
        .map((line) => withoutSecrets(line, redactor).slice(0, 500));
  }
  return [`(${pod}/${finding.container} has printed nothing, or its log is gone)`];
}
