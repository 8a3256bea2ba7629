import type { EventState, PodState, Snapshot, WorkloadState } from '../snapshot/snapshot.ts';
import type { FailFast } from './finding.ts';
import type { WatchedWorkload } from './model.ts';
import { lostPods, newPods, oldPods } from './scope.ts';

/** A snapshot in the form that the signatures read. */
export interface Observation {
  snapshot: Snapshot;
  watched: WatchedWorkload;
  workload: WorkloadState;
  failFast: FailFast;
  /** New pods that should run: neither being deleted nor given up by their node. */
  fresh: readonly PodState[];
  /** New pods that their node gave up. */
  lost: readonly PodState[];
  old: readonly PodState[];
  /** By uid of the object that the event is about. */
  events: ReadonlyMap<string, readonly EventState[]>;
}

/** Divides the pods of a snapshot into new, lost and old ones, and indexes its events. */
export function observe(snapshot: Snapshot, workload: WorkloadState, watched: WatchedWorkload): Observation {
  const ours = newPods(snapshot, watched);
  const lost = lostPods(ours, workload.kind);
  return {
    snapshot,
    watched,
    workload,
    failFast: watched.failFast,
    fresh: ours.filter((pod) => !pod.deleting && !lost.includes(pod)),
    lost,
    old: oldPods(snapshot, ours),
    events: Map.groupBy(snapshot.events, ({ uid }) => uid),
  };
}

/** Events about a container of a pod, the newest last. Those that name no container concern all. */
export function eventsOf(observation: Observation, pod: PodState, container?: string): readonly EventState[] {
  return (observation.events.get(pod.uid) ?? [])
    .filter((event) => container === undefined || event.container === null || event.container === container)
    .sort((a, b) => a.at.localeCompare(b.at));
}

/** With `off`, symptoms are still graded, for the report at the deadline. */
export function strictness({ failFast }: Observation): 'balanced' | 'strict' {
  return failFast === 'strict' ? 'strict' : 'balanced';
}
