import type { ContainerState, PodState, PodTemplate, Snapshot } from '../snapshot/snapshot.ts';
import type { Finding } from './finding.ts';
import type { WatchedWorkload } from './model.ts';
import { type Observation, observe } from './observation.ts';
import { newPods } from './scope.ts';
import { countExits, lastExit } from './signatures/container-exits.ts';
import { toFinding } from './signatures/group-symptoms.ts';
import { countKills, probeBudgetMs } from './signatures/probes.ts';
import {
  containerSymptom,
  containersOf,
  podSymptom,
  type Symptom,
  type SymptomDetails,
} from './signatures/symptom.ts';
import { describeExitCode } from './signatures/wording.ts';
import { goneSymptom, workloadSymptoms } from './signatures/workload.ts';

const minWindowMs = 10_000;
const maxWindowMs = 120_000;

/**
 * How long new pods must stay healthy once they are complete. Measured: with a ready pod whose liveness probe fails,
 * `rollout status` reported success 2.3 s before the first kill, which comes after initialDelay + period x
 * failureThreshold, and is seen within 2 s more.
 */
export function defaultStabilityWindowMs(template: PodTemplate, minReadySeconds: number): number {
  const kills = template.containers.map(({ probes: { liveness } }) =>
    liveness ? probeBudgetMs(liveness) + 2000 : 0,
  );
  return Math.min(maxWindowMs, Math.max(minWindowMs, minReadySeconds * 1000, ...kills));
}

/** By how much the clocks of the cluster and of this machine may differ. */
const clockSkewMs = 60_000;

/** Whether the pods have been ready for longer than the window already: the release was rolled out before. */
export function isSettled(snapshot: Snapshot, watched: WatchedWorkload, windowMs: number): boolean {
  const latest = Date.parse(snapshot.at) - windowMs - clockSkewMs;
  const fresh = newPods(snapshot, watched);
  return fresh.length > 0 && fresh.every(({ readySince }) => readySince && Date.parse(readySince) < latest);
}

/**
 * What happened to the new pods since the rollout was complete: a restart, a kill by a probe, a loss of readiness, or a
 * change of the workload by somebody else. null when nothing did. Pods that came or went do not matter.
 */
export function findDisturbance(complete: Snapshot, now: Snapshot, watched: WatchedWorkload): Finding | null {
  if (!now.workload) return toFinding([goneSymptom(complete)], []);
  if (!complete.workload) return null;
  const then = observe(complete, complete.workload, watched);
  const observation = observe(now, now.workload, watched);
  const [changed] = workloadSymptoms(observation).filter(({ signature }) => signature === 'superseded');
  if (changed) return toFinding([changed], observation.fresh);
  const known = new Map(then.fresh.map((pod) => [pod.uid, pod]));
  const symptoms = observation.fresh.flatMap((pod) => {
    const former = known.get(pod.uid);
    return former ? podDisturbances(observation, pod, then, former) : [];
  });
  const [first] = symptoms;
  if (!first) return null;
  const same = symptoms.filter(
    ({ signature, container }) => signature === first.signature && container === first.container,
  );
  return toFinding([first, ...same.slice(1)], observation.fresh);
}

function podDisturbances(
  observation: Observation,
  pod: PodState,
  then: Observation,
  former: PodState,
): Symptom[] {
  const ofContainers = containersOf(pod, observation.workload.template).flatMap(({ container }) => {
    const was = [...former.initContainers, ...former.containers].find(({ name }) => name === container.name);
    if (!was) return [];
    const newKills = countKills(observation, pod, container) > countKills(then, former, was);
    const details = newKills ? killed(container) : restarted(container, was);
    return details ? [containerSymptom(pod, container, details)] : [];
  });
  if (ofContainers.length > 0) return ofContainers;
  if (pod.ready || !former.ready) return [];
  return [
    podSymptom(pod, {
      signature: 'readiness-never',
      severity: 'terminal',
      predicate: 'was ready, then became unready',
      remedy: 'Find out why its readiness probe fails under load, or which dependency it lost.',
    }),
  ];
}

function killed(container: ContainerState): SymptomDetails {
  return {
    signature: 'liveness-kills',
    severity: 'terminal',
    predicate: 'was ready, then was killed by its liveness probe',
    remedy:
      'Correct the liveness probe or what it checks: as it is, the container is killed again and again.',
    logs: logsOf(container),
  };
}

function restarted(container: ContainerState, was: ContainerState): SymptomDetails | null {
  if (countExits(container) <= countExits(was)) return null;
  const exit = lastExit(container);
  const isMemory = exit?.reason === 'OOMKilled';
  return {
    signature: isMemory ? 'out-of-memory' : 'crash-loop',
    severity: 'terminal',
    predicate: `was ready, then exited with ${describeExitCode(exit?.exitCode ?? null)}${isMemory ? ': out of memory' : ''}`,
    remedy: isMemory
      ? 'Raise the memory limit, or find out why it needs so much memory under load.'
      : 'Read the last lines of its log, fix the cause and deploy again.',
    logs: logsOf(container),
  };
}

function logsOf({ state }: ContainerState): 'current' | 'previous' {
  return state === 'terminated' ? 'current' : 'previous';
}
