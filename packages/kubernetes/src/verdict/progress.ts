import type { PodState, WorkloadKind, WorkloadState } from '../snapshot/snapshot.ts';
import type { Observation } from './observation.ts';
import { expected, isObserved } from './signatures/workload.ts';

/** The counts of each kind that must equal the wanted number. */
const countsAgree: Record<WorkloadKind, (workload: WorkloadState) => boolean> = {
  Deployment: ({ wanted, updated, ready, available, total }) =>
    [updated, ready, available, total].every((count) => count === wanted),
  StatefulSet: ({ wanted, partition, updated, ready, available, total }) =>
    updated >= wanted - partition && [ready, available, total].every((count) => count === wanted),
  DaemonSet: ({ wanted, updated, ready, available, total }) =>
    [updated, ready, available, total].every((count) => count === wanted),
  Job: ({ wanted, succeeded, total }) => succeeded >= wanted && total === 0,
};

/** All wanted pods run the new revision and are ready, by the counts of the controller and by the pods themselves. */
export function isComplete(observation: Observation): boolean {
  const { workload, fresh } = observation;
  if (workload.wanted === 0 || workload.paused || !isObserved(observation)) return false;
  if (!countsAgree[workload.kind](workload)) return false;
  if (workload.kind === 'Job') return true;
  const needed = expected(workload);
  return needed > 0 && fresh.length >= needed && fresh.every(isServing);
}

function isServing(pod: PodState): boolean {
  return pod.ready && pod.phase === 'Running';
}

/** New pods that are ready; for a Job its completed pods. */
export function countReady({ workload, fresh }: Observation): number {
  return workload.kind === 'Job' ? workload.succeeded : fresh.filter(({ ready }) => ready).length;
}

/** `backend 1/3 new ready, 3/3 old serving`. */
export function progressLine(observation: Observation, oldServing: number): string {
  const { workload, watched } = observation;
  if (workload.kind === 'Job') return `${workload.name} ${workload.succeeded}/${workload.wanted} succeeded`;
  const old = watched.oldBefore > 0 ? `, ${oldServing}/${watched.oldBefore} old serving` : '';
  return `${workload.name} ${countReady(observation)}/${expected(workload)} new ready${old}`;
}
