import type { PodState } from '../snapshot/snapshot.ts';
import type { Observation } from './observation.ts';
import { progressLine } from './progress.ts';
import { serves } from './scope.ts';
import { objectSymptom, type Symptom } from './signatures/symptom.ts';
import { isObserved } from './signatures/workload.ts';

/** The timeout has passed. Names a pod that is not ready, and its state. */
export function timeoutSymptom(observation: Observation): Symptom {
  const { workload, fresh, watched, snapshot } = observation;
  const overdue = workload.conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  const stuck = fresh.find(({ ready }) => !ready);
  const blocking = stuck ? undefined : blockingPod(observation);
  const where = stuck ? `; ${podState(stuck)}` : blocking ? `; old pod ${podState(blocking)}` : '';
  const unseen = isObserved(observation) ? '' : '; its controller has not seen the change yet';
  const seconds = Math.round((Date.parse(snapshot.at) - Date.parse(watched.appliedAt)) / 1000);
  const progress = progressLine(observation, observation.old.filter(serves).length);
  return objectSymptom(workload.kind, workload.name, {
    signature: 'deadline-exceeded',
    predicate: overdue
      ? `made no progress: ${overdue.message}${where}`
      : `was not ready after ${seconds} s: ${progress}${where}${unseen}`,
    remedy: remedyOf(workload, blocking),
  });
}

function remedyOf({ kind }: Observation['workload'], blocking: PodState | undefined): string {
  if (blocking)
    return `A StatefulSet waits for each of its pods: delete pod ${blocking.name} so that it is created again.`;
  if (kind === 'Job')
    return 'It still runs, and is not cut off: re-run this job, which waits for it again. If it needs more time, set spec.activeDeadlineSeconds.';
  return 'Check the pods and their logs; if they only need more time, raise start-timeout.';
}

/** The old pod that a StatefulSet waits for before it replaces any: it never repairs a broken one. */
function blockingPod({ workload, old }: Observation): PodState | undefined {
  if (workload.kind !== 'StatefulSet') return undefined;
  return old.find(({ ready, deleting }) => !ready && !deleting);
}

/** `web-1 is Running, container web is CrashLoopBackOff`. */
function podState({ name, phase, containers }: PodState): string {
  const container = containers.find(({ ready }) => !ready);
  const state = container ? `, container ${container.name} is ${container.reason || container.state}` : '';
  return `${name} is ${phase || 'not seen by a node yet'}${state}`;
}
