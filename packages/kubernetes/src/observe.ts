import { type RunningReplica, type RunningService, reportedImage } from '@slipway/platform';
import { look, type WorkloadName } from './cluster/look.ts';
import type { ContainerState, PodState, WorkloadState } from './snapshot/snapshot.ts';
import type { KubernetesTarget } from './target.ts';

/** A service and the containers that run it. */
export interface ServedBy {
  workload: WorkloadName;
  /** Containers that carry the service's image, init containers left out. */
  containers: readonly string[];
}

/** Every pod of the service, as the cluster itself says. Jobs serve nothing and are left out. */
export async function observeService(
  target: KubernetesTarget,
  name: string,
  servedBy: readonly ServedBy[],
): Promise<RunningService> {
  const serving = servedBy.filter(({ workload }) => workload.kind !== 'Job');
  const looks = await Promise.all(
    serving.map(async ({ workload, containers }) => ({ seen: await look(target, workload), containers })),
  );
  const replicas = looks.flatMap(({ seen, containers }) =>
    seen.pods.filter(({ deleting }) => !deleting).map((pod) => replicaOf(pod, containers)),
  );
  const declared = looks.flatMap(({ seen, containers }) =>
    seen.workload ? [declaredBy(seen.workload, containers)] : [],
  );
  return { name, replicas, declared: declared[0] ?? null };
}

function declaredBy(
  { template, release }: WorkloadState,
  containers: readonly string[],
): NonNullable<RunningService['declared']> {
  const specs = template.containers;
  const { image = '' } = specs.find(({ name }) => containers.includes(name)) ?? specs[0] ?? {};
  return { image: reportedImage(image, null), release };
}

function replicaOf(pod: PodState, containers: readonly string[]): RunningReplica {
  const own = pod.containers.find(({ name }) => containers.includes(name)) ?? pod.containers[0];
  const { uid: id, name, release, ready: healthy } = pod;
  const image = reportedImage(own?.image ?? '', own ? digestOf(own) : null);
  return { id, name, image, release, healthy };
}

/** The digest that the node reports for what it runs; null before it does. */
export function digestOf({ imageId }: Pick<ContainerState, 'imageId'>): string | null {
  return /@(sha256:[0-9a-f]{64})$/.exec(imageId)?.[1] ?? null;
}
