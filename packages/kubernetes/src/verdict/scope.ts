import type { PodState, ReplicaSetState, Snapshot, WorkloadKind } from '../snapshot/snapshot.ts';
import type { WatchedWorkload } from './model.ts';

/** The node or the cluster removed the pod; a controller creates another one, and this one does not count. */
const lostReasons =
  /^(Evicted|Preempting|NodeLost|NodeShutdown|Shutdown|Terminated|UnexpectedAdmissionError|OutOf\w+|NodeAffinity)$/;

/**
 * The pods of the release that is rolled out, including those being deleted. Where ReplicaSets distinguish revisions,
 * only those of its newest one: the same release may have been attempted before with another template.
 */
export function newPods(snapshot: Snapshot, watched: WatchedWorkload): readonly PodState[] {
  const { workload, pods } = snapshot;
  if (!workload || workload.uid !== watched.uid) return [];
  if (watched.replicaSet !== null) return pods.filter(({ owner }) => owner === watched.replicaSet);
  if (workload.kind === 'Deployment') {
    const set = newSet(snapshot, watched);
    return set ? pods.filter(({ owner }) => owner === set.uid) : [];
  }
  if (workload.kind === 'Job') return pods.filter(({ owner }) => owner === workload.uid);
  const { revision } = workload;
  return pods.filter(
    (pod) => pod.release === watched.release && (revision === null || pod.revisionHash === revision),
  );
}

/** The ReplicaSet of the release: the one that is watched, or the newest with it. */
export function newSet({ sets, workload }: Snapshot, watched: WatchedWorkload): ReplicaSetState | null {
  if (watched.replicaSet !== null) return sets.find(({ uid }) => uid === watched.replicaSet) ?? null;
  const ours = sets.filter(({ release }) => release === watched.release);
  // A release that Slipway did not make has no annotation; of those, only the revision of the Deployment is rolled out.
  const rolled =
    watched.release === null ? ours.filter(({ revision }) => revision === workload?.revision) : ours;
  return rolled.toSorted((a, b) => Number(b.revision ?? 0) - Number(a.revision ?? 0))[0] ?? null;
}

/** Pods that failed as a whole. Those of a Job do so when their program fails, which is judged elsewhere. */
export function lostPods(pods: readonly PodState[], kind: WorkloadKind): readonly PodState[] {
  return pods.filter(
    ({ reason, phase }) => lostReasons.test(reason) || (kind !== 'Job' && phase === 'Failed'),
  );
}

/** Pods of any other release, including those being deleted. */
export function oldPods({ pods }: Snapshot, ours: readonly PodState[]): readonly PodState[] {
  const known = new Set(ours);
  return pods.filter((pod) => !known.has(pod));
}

/** Whether the pod receives requests now and will continue to. */
export function serves({ ready, deleting, phase }: PodState): boolean {
  return ready && !deleting && phase === 'Running';
}
