import type { OutsideText } from '@slipway/kernel';
import type { Finding } from '../verdict/finding.ts';
import type { Kubectl } from './kubectl.ts';

/** Lines of a failing container that are shown. */
const tail = 25;

/**
 * The last lines that the failing container printed; those of the run before when it has been started again since.
 * What cannot be read is said in a line of its own and fails nothing.
 */
export async function logLines(kubectl: Kubectl, finding: Finding): Promise<(string | OutsideText)[]> {
  const [pod] = finding.subjects;
  if (!finding.logs || !pod || !finding.container) return [];
  const args = ['logs', pod, `--container=${finding.container}`, `--tail=${tail}`];
  const runs = finding.logs === 'previous' ? [['--previous'], []] : [[]];
  for (const which of runs) {
    const result = await kubectl.run([...args, ...which]);
    if (result.ok && !result.stdout.isEmpty) return result.stdout.tail(tail);
  }
  return [`(${pod}/${finding.container} has printed nothing, or its log is gone)`];
}
