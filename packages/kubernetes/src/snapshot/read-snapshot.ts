import {
  type AnsweredObject,
  type AnswerIndex,
  indexAnswer,
  nameKey,
  ownerKey,
  parseAnswer,
} from './read-answer.ts';
import { readEvent } from './read-event.ts';
import { claimsOf, readPod } from './read-pod.ts';
import { readReplicaSet, readWorkload, revisionSchema } from './read-workload.ts';
import type { EventState, PodState, ReplicaSetState, Snapshot, WorkloadState } from './snapshot.ts';

/** The workload that a snapshot is about. */
export interface SnapshotOf {
  kind: string;
  name: string;
  namespace: string;
}

/**
 * One workload and all that belongs to it, from the answer to `kubectl get … -o json` (text or parsed).
 * `at` is when the answer came, ISO 8601.
 * @throws Fault when the answer cannot be read.
 */
export function readSnapshot(answer: unknown, of: SnapshotOf, at: string): Snapshot {
  return snapshotOf(indexAnswer(answer), of, at);
}

/** The snapshots of many workloads from one answer, in their order; the answer is indexed once for all. */
export function readSnapshots(answer: unknown, of: readonly SnapshotOf[], at: string): Snapshot[] {
  const indexed = indexAnswer(answer);
  return of.map((workload) => snapshotOf(indexed, workload, at));
}

function snapshotOf(answer: AnswerIndex, of: SnapshotOf, at: string): Snapshot {
  const item = answer.byName.get(nameKey(of.kind, of.namespace, of.name));
  if (!item) return { at, workload: null, sets: [], pods: [], events: [] };
  const state = readWorkload(item.raw);
  const sets = owned(answer, 'ReplicaSet', item.uid);
  const pods = [item.uid, ...sets.map(({ uid }) => uid)].flatMap((uid) => owned(answer, 'Pod', uid));
  const claims = new Set(pods.flatMap(({ raw }) => claimsOf(raw)));
  const about = [
    ...[item, ...sets, ...pods].map(({ uid }) => uid),
    ...[...claims].map((claim) => `PersistentVolumeClaim/${claim}`),
  ];
  const podStates = pods.map(({ raw }) => readPod(raw));
  return {
    at,
    workload: { ...state, revision: state.revision ?? revisionOf(answer, item, state, podStates) },
    sets: sets.map(({ raw }): ReplicaSetState => readReplicaSet(raw)),
    pods: podStates,
    events: about.flatMap((key) =>
      (answer.eventsAbout.get(key) ?? []).map((raw): EventState => readEvent(raw)),
    ),
  };
}

function owned(answer: AnswerIndex, kind: string, uid: string): readonly AnsweredObject[] {
  return uid === '' ? [] : (answer.byOwner.get(ownerKey(kind, uid)) ?? []);
}

/**
 * A DaemonSet does not report which revision it rolls out: it is its newest ControllerRevision, or when those were not
 * requested, the one that pods with the release of the template carry.
 */
function revisionOf(
  answer: AnswerIndex,
  item: AnsweredObject,
  { kind, release }: WorkloadState,
  pods: readonly PodState[],
): string | null {
  if (kind !== 'DaemonSet') return null;
  const newest = owned(answer, 'ControllerRevision', item.uid)
    .map(({ raw }) => parseAnswer(revisionSchema, raw, 'ControllerRevision'))
    .sort((a, b) => b.revision - a.revision)[0];
  if (newest) return newest.metadata.labels?.['controller-revision-hash'] ?? null;
  if (release === null) return null;
  return pods.find((pod) => pod.release === release)?.revisionHash ?? null;
}
