import type { PodState } from '../../snapshot/snapshot.ts';
import { eventsOf, podSign, type Said, type Sight, type Sign } from './sign.ts';
import { missing } from './start.ts';
import { plainWords } from './wording.ts';

/** A new node is on its way: cluster-autoscaler and Karpenter say so. */
const growing = new Set(['TriggeredScaleUp', 'Nominated']);

/** Pods that get no node, no volume, or lost their node. */
export function placementSigns(sight: Sight): Sign[] {
  const placed = sight.fresh.flatMap((pod) => {
    const said = unplaced(sight, pod) ?? unmounted(sight, pod);
    return said ? [podSign(pod, said)] : [];
  });
  return [...placed, ...sight.lost.map((pod) => podSign(pod, evicted(pod)))];
}

function unplaced(sight: Sight, pod: PodState): Said | null {
  const condition = pod.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (!condition) return null;
  const words = plainWords(condition.message) || condition.reason;
  const claim = claimProblem(words);
  if (claim) return claim;
  const scaling = eventsOf(sight, pod).some(({ reason }) => growing.has(reason));
  const gated = condition.reason === 'SchedulingGated';
  const waits = scaling ? ' (a new node was asked for)' : '';
  return {
    signature: 'unschedulable',
    ...(scaling || gated ? { gravity: 'pending' } : {}),
    says: `cannot be scheduled: ${words}${waits}`,
    remedy: unschedulableRemedy(words, gated),
  };
}

function claimProblem(words: string): Said | null {
  const absent = /persistentvolumeclaim "([^"]+)" (not found|is being deleted|bound to non-existent)/i.exec(
    words,
  );
  if (absent)
    return {
      signature: 'claim-missing',
      says: `cannot be scheduled: ${words}`,
      remedy: `Create the PersistentVolumeClaim ${absent[1]}, or correct its name in the manifest.`,
    };
  if (!/unbound immediate PersistentVolumeClaims/i.test(words)) return null;
  return {
    signature: 'claim-missing',
    gravity: 'pending',
    says: `cannot be scheduled: ${words}`,
    remedy: 'See why the claim is not bound: its storage class, its size, and the provisioner.',
  };
}

/** What the sentence of the scheduler is about, first match. */
const scarce: readonly [RegExp, string][] = [
  [
    /Insufficient (\S+?)(?:[.,]|$)/,
    'Ask for less $1, add nodes, or set maxSurge to 0 so that an old pod makes room.',
  ],
  [/taint/i, 'Add a toleration for the taint, or nodes without it.'],
  [
    /node selector|node\(s\) didn't match|affinity/i,
    'Correct nodeSelector or affinity, or label a node so that it fits.',
  ],
  [
    /volume node affinity|volume.*zone/i,
    'The volume is in another zone than the nodes with room: add a node in its zone.',
  ],
  [/free ports/i, 'The host port is taken on every node: leave hostPort out, or set maxSurge to 0.'],
  [/too many pods/i, 'The nodes are full of pods: add nodes, or raise maxPods.'],
];

function unschedulableRemedy(words: string, gated: boolean): string {
  if (gated) return 'Look at the controller that must take the scheduling gates off.';
  for (const [pattern, remedy] of scarce) {
    const match = pattern.exec(words);
    if (match) return remedy.replace('$1', match[1] ?? '');
  }
  return 'Add nodes that fit, or change what the pods ask for.';
}

const attaching = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume']);

/** The status says `ContainerCreating` for good; only events tell that a volume is why. */
function unmounted(sight: Sight, pod: PodState): Said | null {
  const started = pod.containers.some(({ state }) => state === 'running' || state === 'terminated');
  const begun = pod.initContainers.some(({ state }) => state === 'running' || state === 'terminated');
  if (started || begun) return null;
  const event = eventsOf(sight, pod).findLast(({ reason }) => attaching.has(reason));
  if (!event) return null;
  const words = plainWords(event.message);
  if (/Multi-Attach error/i.test(words))
    return {
      signature: 'volume-failing',
      gravity: 'fatal',
      says: `cannot have its volume, which an old pod on another node still uses: ${words}`,
      remedy:
        'A ReadWriteOnce volume cannot be rolled with a surge: use strategy Recreate, or a ReadWriteMany volume.',
    };
  if (/\b(secret|configmap) "[^"]+" not found/i.test(words) || /references non-existent \w+ key/i.test(words))
    return missing(words, undefined, sight.workload.namespace);
  return {
    signature: 'volume-failing',
    says: `cannot have its volume: ${words}`,
    remedy: 'Look at the volume, its claim and the storage driver on the node.',
  };
}

function evicted({ node, reason, phase }: PodState): Said {
  return {
    signature: 'evicted',
    says: `was given up by node ${node ?? '(none)'}: ${reason || phase}`,
    remedy: `Look at memory, disk and state of node ${node ?? ''}; another pod takes its place.`,
  };
}
