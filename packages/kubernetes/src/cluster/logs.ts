import type { OutsideText } from '@slipway/kernel';
import type { Finding } from '../verdict/finding.ts';
import type { Kubectl } from './kubectl.ts';

/** Lines of a failing container that are shown. */
const maxLines = 25;

/**
 * The last lines that the failing container printed; those of the run before when it was restarted since. A log that
 * cannot be read is reported in a separate line and fails nothing.
 */
export async function logLines(kubectl: Kubectl, finding: Finding): Promise<(string | OutsideText)[]> {
  const [pod] = finding.subjects;
  if (!finding.logs || !pod || !finding.container) return [];
  const args = ['logs', pod, `--container=${finding.container}`, `--tail=${maxLines}`];
  const runs = finding.logs === 'previous' ? [['--previous'], []] : [[]];
  for (const run of runs) {
    const result = await kubectl.run([...args, ...run]);
    if (result.ok && !result.stdout.isEmpty) return result.stdout.tail(maxLines);
  }
  return [`(${pod}/${finding.container}: no output, or its log is gone)`];
}
