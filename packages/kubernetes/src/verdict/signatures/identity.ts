import type { PodState, Snapshot } from '../../snapshot/snapshot.ts';
import type { Watched } from '../judge.ts';
import { lostPods, newPods } from './scope.ts';

/**
 * Where the new pods do not run what was asked for, one clause each; empty when every one does. `images`: digest
 * (`sha256:…`) by container. What a node does not say is not taken for right, nor is it enough that there is no pod.
 */
export function identity(
  snapshot: Snapshot,
  watched: Watched,
  images: Readonly<Record<string, string>>,
): string[] {
  const ours = newPods(snapshot, watched);
  const lost = lostPods(ours, snapshot.workload?.kind ?? 'Deployment');
  const pods = ours.filter((pod) => !pod.deleting && !lost.includes(pod));
  if (pods.length === 0) return ['there is no pod of the release'];
  return pods.flatMap((pod) =>
    Object.entries(images).flatMap(([container, digest]) => {
      const wrong = differs(pod, container, digest);
      return wrong === null ? [] : [wrong];
    }),
  );
}

function differs(pod: PodState, name: string, digest: string): string | null {
  const container = [...pod.containers, ...pod.initContainers].find((one) => one.name === name);
  if (!container) return `${pod.name} has no container ${name}`;
  const { imageId } = container;
  if (digest !== '' && imageId.endsWith(`@${digest}`)) return null;
  if (imageId === '') return `container ${name} of ${pod.name} does not say which image it runs`;
  return `container ${name} of ${pod.name} runs ${imageId.replace(/^[a-z-]+:\/\//, '')} instead of ${digest}`;
}
