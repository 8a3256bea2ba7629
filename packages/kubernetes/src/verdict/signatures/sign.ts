import type {
  ContainerSpec,
  ContainerState,
  EventState,
  PodState,
  PodTemplate,
  Snapshot,
  WorkloadState,
} from '../../snapshot/snapshot.ts';
import type { FailFast, Gravity, Signature } from '../finding.ts';
import type { Watched } from '../judge.ts';
import { rules } from './rules.ts';
import { lostPods, newPods, oldPods } from './scope.ts';

/** One sign of failure on one pod or object, before it is folded with the same sign on others. */
export interface Sign {
  signature: Signature;
  gravity: Gravity;
  /** Milliseconds; see Finding. */
  hold: number;
  /** What it is about: a container or a pod is named with its pod, anything else by its kind. */
  about: string;
  subject: string;
  node: string | null;
  container: string | null;
  /** Predicate of the sentence about it: `cannot pull web:2: manifest unknown`. */
  says: string;
  remedy: string;
  logs: 'current' | 'previous' | null;
}

/** A snapshot as the signatures look at it. */
export interface Sight {
  snapshot: Snapshot;
  watched: Watched;
  workload: WorkloadState;
  failFast: FailFast;
  /** New pods that should run: neither being deleted nor given up by their node. */
  fresh: readonly PodState[];
  /** New pods that their node gave up. */
  lost: readonly PodState[];
  old: readonly PodState[];
  /** By uid of what they are about. */
  events: ReadonlyMap<string, readonly EventState[]>;
}

export function sightOf(snapshot: Snapshot, workload: WorkloadState, watched: Watched): Sight {
  const ours = newPods(snapshot, watched);
  const lost = lostPods(ours, workload.kind);
  const events = new Map<string, EventState[]>();
  for (const event of snapshot.events) {
    const there = events.get(event.uid);
    if (there) there.push(event);
    else events.set(event.uid, [event]);
  }
  return {
    snapshot,
    watched,
    workload,
    failFast: watched.failFast,
    fresh: ours.filter((pod) => !pod.deleting && !lost.includes(pod)),
    lost,
    old: oldPods(snapshot, ours),
    events,
  };
}

/** What a sign needs to be told beside where it was seen; gravity and hold are those of the table if left out. */
export type Said = Pick<Sign, 'signature' | 'says' | 'remedy'> &
  Partial<Pick<Sign, 'gravity' | 'hold' | 'logs'>>;

export function containerSign(pod: PodState, container: ContainerState, said: Said): Sign {
  const place = { about: 'container', subject: pod.name, node: pod.node, container: container.name };
  return { ...graded(said), ...place };
}

export function podSign(pod: PodState, said: Said): Sign {
  return { ...graded(said), about: 'pod', subject: pod.name, node: pod.node, container: null };
}

export function objectSign(kind: string, name: string, said: Said): Sign {
  return { ...graded(said), about: kind, subject: name, node: null, container: null };
}

function graded(said: Said): Said & Pick<Sign, 'gravity' | 'hold' | 'logs'> {
  const rule = rules[said.signature];
  // A sign that is graded otherwise than its table is not held as the table says.
  const hold = said.gravity === undefined ? rule.hold : 0;
  return { gravity: rule.gravity, hold, logs: null, ...said };
}

/** Every container of a pod with what the template says of it, init containers first. */
export function containersOf(
  pod: PodState,
  template: PodTemplate,
): { container: ContainerState; spec: ContainerSpec | undefined; init: boolean }[] {
  const find = (specs: readonly ContainerSpec[], name: string) => specs.find((spec) => spec.name === name);
  return [
    ...pod.initContainers.map((container) => ({
      container,
      spec: find(template.initContainers, container.name),
      init: true,
    })),
    ...pod.containers.map((container) => ({
      container,
      spec: find(template.containers, container.name),
      init: false,
    })),
  ];
}

/** Events about a container of a pod, the newest last. Those that name no container are about all. */
export function eventsOf(sight: Sight, pod: PodState, container?: string): readonly EventState[] {
  return (sight.events.get(pod.uid) ?? [])
    .filter((event) => container === undefined || event.container === null || event.container === container)
    .sort((a, b) => a.at.localeCompare(b.at));
}

/** With `off` signs are still graded, for the report at the deadline. */
export function strictness({ failFast }: Sight): 'balanced' | 'strict' {
  return failFast === 'strict' ? 'strict' : 'balanced';
}
