import { type RunningReplica, type RunningService, reportedImage } from '@slipway/platform';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import type { ServiceWorkload } from '../render/service-workloads.ts';
import type { PodState, Snapshot, WorkloadState } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';
import { lostPods } from '../verdict/scope.ts';

/** Every pod of the service, as the cluster reports it. Jobs serve nothing and are left out. */
export async function observeService(
  target: KubernetesTarget,
  name: string,
  workloads: readonly ServiceWorkload[],
): Promise<RunningService> {
  const serving = workloads.filter(({ workload }) => workload.kind !== 'Job');
  const inspected = await Promise.all(
    serving.map(async ({ workload, containers }) => ({
      workload,
      snapshot: await inspectWorkload(target, workload),
      containers,
    })),
  );
  const replicas = inspected.flatMap(({ snapshot, containers }) =>
    presentPods(snapshot).map((pod) => replicaOf(pod, containers)),
  );
  const declared = inspected.flatMap(({ snapshot, containers }) =>
    snapshot.workload ? [declaredBy(snapshot.workload, containers)] : [],
  );
  const withoutReplicas = inspected.flatMap(({ workload, snapshot }) =>
    lacksPods(snapshot) ? [`${workload.kind}/${workload.name}`] : [],
  );
  return { name, replicas, declared: declared[0] ?? null, withoutReplicas, unreached: null };
}

/** Without those that are evicted or have failed as a whole: they stay listed until somebody collects them. */
function presentPods({ pods, workload }: Snapshot): PodState[] {
  const lost = lostPods(pods, workload?.kind ?? 'Deployment');
  return pods.filter((pod) => !pod.deleting && !lost.includes(pod));
}

/** Whether a quota, admission or a controller that does not act keeps a workload from having any pod. Pure. */
function lacksPods(snapshot: Snapshot): boolean {
  const { workload } = snapshot;
  return workload !== null && workload.wanted > 0 && presentPods(snapshot).length === 0;
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
  return { id, name, image: reportedImage(own?.image ?? '', own?.digest ?? null), release, healthy };
}
