import type { ContainerState, PodState, PodTemplate, Snapshot } from '../../snapshot/snapshot.ts';
import type { Finding } from '../finding.ts';
import type { Watched } from '../judge.ts';
import { endingsOf, lastEnd } from './container-end.ts';
import { foldGroup } from './fold.ts';
import { budgetOf, killsOf } from './probes.ts';
import { newPods } from './scope.ts';
import {
  containerSign,
  containersOf,
  objectSign,
  podSign,
  type Said,
  type Sight,
  type Sign,
  sightOf,
} from './sign.ts';
import { exitWords } from './wording.ts';
import { workloadSigns } from './workload.ts';

/** Bounds of the stability hold, in milliseconds. */
const shortest = 10_000;
const longest = 120_000;

/**
 * Milliseconds that new pods must stay well after they are complete. Measured: with a ready pod whose liveness probe
 * fails, `rollout status` claimed success 2.3 s before the first kill, which comes after initialDelay + period x
 * failureThreshold, and is seen within 2 s more.
 */
export function stabilityHold(template: PodTemplate, minReadySeconds: number): number {
  const kills = template.containers.map(({ probes: { liveness } }) =>
    liveness ? budgetOf(liveness) + 2000 : 0,
  );
  return Math.min(longest, Math.max(shortest, minReadySeconds * 1000, ...kills));
}

/** What the clocks of the cluster and of this machine may differ by, in milliseconds. */
const clockSkew = 60_000;

/** The pods of the release have been ready for longer than the hold already: it was rolled out before and is well. */
export function isSettled(snapshot: Snapshot, watched: Watched, hold: number): boolean {
  const latest = Date.parse(snapshot.at) - hold - clockSkew;
  const fresh = newPods(snapshot, watched);
  return fresh.length > 0 && fresh.every(({ readySince }) => readySince && Date.parse(readySince) < latest);
}

/**
 * What happened to the new pods since the rollout was complete: one was started again, killed by a probe, or is not
 * ready any more, or the workload is somebody else's now. null when all is calm. Pods that came or went are no concern.
 */
export function disturbed(before: Snapshot, now: Snapshot, watched: Watched): Finding | null {
  if (!now.workload) return foldGroup([goneSign(before)], []);
  if (!before.workload) return null;
  const then = sightOf(before, before.workload, watched);
  const sight = sightOf(now, now.workload, watched);
  const [changed] = workloadSigns(sight).filter(({ signature }) => signature === 'superseded');
  if (changed) return foldGroup([changed], sight.fresh);
  const known = new Map(then.fresh.map((pod) => [pod.uid, pod]));
  const signs = sight.fresh.flatMap((pod) => {
    const former = known.get(pod.uid);
    return former ? podDisturbed(sight, pod, then, former) : [];
  });
  const [first] = signs;
  if (!first) return null;
  const same = signs.filter(
    ({ signature, container }) => signature === first.signature && container === first.container,
  );
  return foldGroup([first, ...same.slice(1)], sight.fresh);
}

/** The object that the snapshot before showed is not there any more. */
export function goneSign({ workload }: Snapshot): Sign {
  return objectSign(workload?.kind ?? 'workload', workload?.name ?? '', {
    signature: 'workload-gone',
    says: 'is not there',
    remedy: 'Look who deleted it, then deploy again.',
  });
}

function podDisturbed(sight: Sight, pod: PodState, then: Sight, former: PodState): Sign[] {
  const ofContainers = containersOf(pod, sight.workload.template).flatMap(({ container }) => {
    const was = [...former.initContainers, ...former.containers].find(({ name }) => name === container.name);
    const said = was ? containerDisturbed(sight, pod, container, then, former, was) : null;
    return said ? [containerSign(pod, container, said)] : [];
  });
  if (ofContainers.length > 0) return ofContainers;
  if (pod.ready || !former.ready) return [];
  return [
    podSign(pod, {
      signature: 'readiness-never',
      gravity: 'fatal',
      says: 'was ready and is not any more',
      remedy: 'See why its readiness probe fails under load, or what it lost.',
    }),
  ];
}

function containerDisturbed(
  sight: Sight,
  pod: PodState,
  container: ContainerState,
  then: Sight,
  former: PodState,
  was: ContainerState,
): Said | null {
  const logs = container.state === 'terminated' ? 'current' : 'previous';
  if (killsOf(sight, pod, container) > killsOf(then, former, was))
    return {
      signature: 'liveness-kills',
      gravity: 'fatal',
      says: 'was ready, and then its liveness probe had it killed',
      remedy: 'Correct the liveness probe or what it asks: as it is, the pod is killed over and over.',
      logs,
    };
  if (endingsOf(container) <= endingsOf(was)) return null;
  const end = lastEnd(container);
  const isMemory = end?.reason === 'OOMKilled';
  return {
    signature: isMemory ? 'out-of-memory' : 'crash-loop',
    gravity: 'fatal',
    says: `was ready, and then ended with ${exitWords(end?.exitCode ?? null)}${isMemory ? ': out of memory' : ''}`,
    remedy: isMemory
      ? 'Raise the memory limit, or look why it takes so much once it is asked.'
      : 'The last lines of its log say why; mend the release and deploy again.',
    logs,
  };
}
