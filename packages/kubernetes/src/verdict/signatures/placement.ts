import type { PodState } from '../../snapshot/snapshot.ts';
import { eventsOf, type Observation } from '../observation.ts';
import { missingConfiguration } from './start.ts';
import { podSymptom, type Symptom, type SymptomDetails } from './symptom.ts';
import { plainMessage } from './wording.ts';

/** Reasons by which cluster-autoscaler and Karpenter announce a new node. */
const growing = new Set(['TriggeredScaleUp', 'Nominated']);

/** Pods that get no node or no volume, or that lost their node. */
export function placementSymptoms(observation: Observation): Symptom[] {
  const placed = observation.fresh.flatMap((pod) => {
    const details = unplaced(observation, pod) ?? unmounted(observation, pod);
    return details ? [podSymptom(pod, details)] : [];
  });
  return [...placed, ...observation.lost.map((pod) => podSymptom(pod, evicted(pod)))];
}

function unplaced(observation: Observation, pod: PodState): SymptomDetails | null {
  const condition = pod.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (!condition) return null;
  const words = plainMessage(condition.message) || condition.reason;
  const claim = claimProblem(words);
  if (claim) return claim;
  const scaling = eventsOf(observation, pod).some(({ reason }) => growing.has(reason));
  const gated = condition.reason === 'SchedulingGated';
  const waits = scaling ? ' (a new node was requested)' : '';
  return {
    signature: 'unschedulable',
    ...(scaling || gated ? { severity: 'advisory' } : {}),
    predicate: `cannot be scheduled: ${words}${waits}`,
    remedy: unschedulableRemedy(words, gated),
  };
}

function claimProblem(words: string): SymptomDetails | null {
  const absent = /persistentvolumeclaim "([^"]+)" (not found|is being deleted|bound to non-existent)/i.exec(
    words,
  );
  if (absent)
    return {
      signature: 'claim-missing',
      predicate: `cannot be scheduled: ${words}`,
      remedy: `Create the PersistentVolumeClaim ${absent[1]}, or correct its name in the manifest.`,
    };
  if (!/unbound immediate PersistentVolumeClaims/i.test(words)) return null;
  return {
    signature: 'claim-missing',
    severity: 'advisory',
    predicate: `cannot be scheduled: ${words}`,
    remedy: 'Find out why the claim is not bound: check its storage class, its size and the provisioner.',
  };
}

/** Remedies by what the message of the scheduler names, first match. */
const scarce: readonly [RegExp, string][] = [
  [
    /Insufficient (\S+?)(?:[.,]|$)/,
    'Request less $1, add nodes, or set maxSurge to 0 so that an old pod frees its resources.',
  ],
  [/taint/i, 'Add a toleration for the taint, or add nodes without it.'],
  [
    /node selector|node\(s\) didn't match|affinity/i,
    'Correct nodeSelector or affinity, or label a node to match.',
  ],
  [
    /volume node affinity|volume.*zone/i,
    'The volume is in a different zone from the nodes with free capacity: add a node in its zone.',
  ],
  [/free ports/i, 'The host port is taken on every node: remove hostPort, or set maxSurge to 0.'],
  [/too many pods/i, 'The nodes have reached their pod limit: add nodes, or raise maxPods.'],
];

function unschedulableRemedy(words: string, gated: boolean): string {
  if (gated) return 'Check the controller that must remove the scheduling gates.';
  for (const [pattern, remedy] of scarce) {
    const match = pattern.exec(words);
    if (match) return remedy.replace('$1', match[1] ?? '');
  }
  return 'Add nodes that fit, or change what the pods request.';
}

const attaching = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume']);

/** The status stays `ContainerCreating`; only events name the volume as the cause. */
function unmounted(observation: Observation, pod: PodState): SymptomDetails | null {
  const started = pod.containers.some(({ state }) => state === 'running' || state === 'terminated');
  const begun = pod.initContainers.some(({ state }) => state === 'running' || state === 'terminated');
  if (started || begun) return null;
  const event = eventsOf(observation, pod).findLast(({ reason }) => attaching.has(reason));
  if (!event) return null;
  const words = plainMessage(event.message);
  if (/Multi-Attach error/i.test(words))
    return {
      signature: 'volume-failing',
      severity: 'terminal',
      predicate: `cannot attach its volume, which an old pod on another node still uses: ${words}`,
      remedy:
        'A ReadWriteOnce volume does not allow a surge: use strategy Recreate, or a ReadWriteMany volume.',
    };
  if (/\b(secret|configmap) "[^"]+" not found/i.test(words) || /references non-existent \w+ key/i.test(words))
    return missingConfiguration(words, undefined, observation.workload.namespace);
  return {
    signature: 'volume-failing',
    predicate: `cannot mount its volume: ${words}`,
    remedy: 'Check the volume, its claim and the storage driver on the node.',
  };
}

function evicted({ node, reason, phase }: PodState): SymptomDetails {
  return {
    signature: 'evicted',
    predicate: `was removed from node ${node ?? '(none)'}: ${reason || phase}`,
    remedy: `Check the memory, disk and state of ${node ? `node ${node}` : 'the node'}; another pod replaces this one.`,
  };
}
