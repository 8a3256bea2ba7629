import { indented, type OutsideText } from '@slipway/kernel';
import type { ContainerState, PodState } from '../snapshot/snapshot.ts';
import type { Finding } from '../verdict/finding.ts';
import type { Kubectl } from './kubectl.ts';

/** Lines of a container that are shown. */
const maxLines = 25;

/** Lines that are read: a secret of several lines is recognised by its first one, and blanked before anything is cut. */
const readLines = 500;

/** A node that does not answer must not hold up what brings the service back. */
const logSeconds = 5;

/**
 * The last lines that the failing container printed; those of the run before when it was restarted since. A log that
 * cannot be read is reported in a separate line and fails nothing.
 */
export async function logLines(kubectl: Kubectl, finding: Finding): Promise<(string | OutsideText)[]> {
  const [pod] = finding.subjects;
  if (!finding.logs || !pod || !finding.container) return [];
  const args = ['logs', pod, `--container=${finding.container}`, `--tail=${readLines}`];
  const runs = finding.logs === 'previous' ? [['--previous'], []] : [[]];
  for (const run of runs) {
    const result = await kubectl.run([...args, ...run], undefined, logSeconds);
    if (result.ok && !result.stdout.isEmpty) return result.stdout.tail(maxLines);
  }
  return [`(${pod}/${finding.container}: no output, or its log is gone)`];
}

/** Replicas of one release print much the same. */
const maxTails = 3;

/**
 * The ends of the logs of pods that are about to go, those that are not ready first, each under the name of its pod and
 * container. What cannot be read is left out and fails nothing.
 * @param known Lines that are reported already.
 */
export async function podTails(
  kubectl: Kubectl,
  pods: readonly PodState[],
  known: readonly (string | OutsideText)[] = [],
): Promise<(string | OutsideText)[]> {
  const printed = new Set(known.map((line) => String(line).trim()));
  const first = pods.toSorted((a, b) => Number(a.ready) - Number(b.ready)).slice(0, maxTails);
  const containers = first.flatMap((pod) =>
    pod.containers.map((container) => ({ pod: pod.name, container })),
  );
  const tails = await Promise.all(
    containers.map(async ({ pod, container }) => {
      const lines = await containerTail(kubectl, pod, container);
      const left = lines.filter((line) => !printed.has(String(line).trim()));
      return left.length > 0 ? [`last log lines of ${pod}/${container.name}:`, ...left.map(indented)] : [];
    }),
  );
  return tails.flat();
}

async function containerTail(
  kubectl: Kubectl,
  pod: string,
  { name, state, restarts }: ContainerState,
): Promise<OutsideText[]> {
  if (state === 'waiting' && restarts === 0) return [];
  const run = state === 'waiting' ? ['--previous'] : [];
  const args = ['logs', pod, `--container=${name}`, `--tail=${readLines}`, ...run];
  const result = await kubectl.run(args, undefined, logSeconds);
  return result.ok ? result.stdout.tail(maxLines) : [];
}
