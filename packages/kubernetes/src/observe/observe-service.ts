import { type RunningReplica, type RunningService, reportedImage } from '@slipway/platform';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { readAutoscaling } from '../render/autoscalers.ts';
import type { ServiceWorkload } from '../render/service-workloads.ts';
import type { PodState, PodTemplate, Snapshot, WorkloadState } from '../snapshot/snapshot.ts';
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
    presentPods(snapshot).map((pod) => replicaOf(snapshot, pod, containers)),
  );
  const declared = inspected.flatMap(({ snapshot, containers }) =>
    snapshot.workload ? [declaredBy(snapshot.workload, containers)] : [],
  );
  const lacking = inspected.map(async ({ workload, snapshot }) => {
    const title = `${workload.kind}/${workload.name}`;
    return (await lacksPods(target, title, snapshot)) ? [title] : [];
  });
  const withoutReplicas = (await Promise.all(lacking)).flat();
  return { name, replicas, declared: declared[0] ?? null, withoutReplicas, unreached: null };
}

/** Without those that are evicted or have failed as a whole: they stay listed until somebody collects them. */
function presentPods({ pods, workload }: Snapshot): PodState[] {
  const lost = lostPods(pods, workload?.kind ?? 'Deployment');
  return pods.filter((pod) => !pod.deleting && !lost.includes(pod));
}

/**
 * Whether a workload has no pod and should have: a quota, admission or a controller that does not act keeps it from having
 * any, or somebody has scaled it to zero. Where an autoscaler may do that, no pods are as good as it wants.
 */
async function lacksPods({ kubectl }: KubernetesTarget, title: string, snapshot: Snapshot): Promise<boolean> {
  const { workload } = snapshot;
  if (workload === null || presentPods(snapshot).length > 0) return false;
  return workload.wanted > 0 || !(await readAutoscaling(kubectl, title)).toZero;
}

function declaredBy(
  { template, release }: WorkloadState,
  containers: readonly string[],
): NonNullable<RunningService['declared']> {
  const specs = template.containers;
  const { image = '' } = specs.find(({ name }) => containers.includes(name)) ?? specs[0] ?? {};
  return { image: reportedImage(image, null), release };
}

/** Its image has the digest that runs, and the repository that was declared: a webhook may let pods pull from a mirror. */
function replicaOf(snapshot: Snapshot, pod: PodState, containers: readonly string[]): RunningReplica {
  const own = pod.containers.find(({ name }) => containers.includes(name)) ?? pod.containers[0];
  const declared = templateOf(snapshot, pod)?.containers.find(({ name }) => name === own?.name);
  const { uid: id, name, release, ready: healthy } = pod;
  const reference = declared?.image || own?.image || '';
  return { id, name, image: reportedImage(reference, own?.digest ?? null), release, healthy };
}

/** What the pod was created from; null when the workload has another template by now. */
function templateOf({ workload, sets }: Snapshot, { owner, release }: PodState): PodTemplate | null {
  const set = sets.find(({ uid }) => uid === owner);
  if (set) return set.template;
  return workload?.release === release ? workload.template : null;
}
