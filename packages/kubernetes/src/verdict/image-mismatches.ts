import type { PodState, Snapshot } from '../snapshot/snapshot.ts';
import type { WatchedWorkload } from './model.ts';
import { lostPods, newPods } from './scope.ts';

/**
 * Where the new pods do not run the wanted images, one clause each; empty when all of them do. `images`: digest
 * (`sha256:…`) by container. An image that a node does not report counts as wrong, and no pods are not a pass.
 */
export function findImageMismatches(
  snapshot: Snapshot,
  watched: WatchedWorkload,
  images: Readonly<Record<string, string>>,
): string[] {
  const ours = newPods(snapshot, watched);
  const lost = lostPods(ours, snapshot.workload?.kind ?? 'Deployment');
  const pods = ours.filter((pod) => !pod.deleting && !lost.includes(pod));
  if (pods.length === 0) return ['the release has no pod'];
  return pods.flatMap((pod) =>
    Object.entries(images).flatMap(([container, digest]) => mismatch(pod, container, digest) ?? []),
  );
}

function mismatch(pod: PodState, name: string, digest: string): string | null {
  const container = [...pod.containers, ...pod.initContainers].find((one) => one.name === name);
  if (!container) return `${pod.name} has no container ${name}`;
  if (container.digest === digest) return null;
  const { imageId } = container;
  if (imageId === '') return `container ${name} of ${pod.name} does not report its image`;
  return `container ${name} of ${pod.name} runs ${imageId} instead of ${digest}`;
}
