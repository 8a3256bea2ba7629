import type { PodState, Snapshot, WorkloadState } from '../../snapshot/snapshot.ts';
import type { Observation } from '../observation.ts';
import { lastExit } from './container-exits.ts';
import { objectSymptom, type Symptom, type SymptomDetails } from './symptom.ts';
import { describeExitCode, plainMessage } from './wording.ts';

/** Symptoms of the workload itself, before any pod is inspected. */
export function workloadSymptoms(observation: Observation): Symptom[] {
  const { workload } = observation;
  const details =
    superseded(observation) ?? blocked(observation) ?? jobFailed(observation) ?? overdue(observation);
  const remaining = oldPodsRemain(observation);
  return [details, remaining].flatMap((one) =>
    one ? [objectSymptom(workload.kind, workload.name, one)] : [],
  );
}

/** The object that the earlier snapshot showed no longer exists. */
export function goneSymptom({ workload }: Snapshot): Symptom {
  return objectSymptom(workload?.kind ?? 'workload', workload?.name ?? '', {
    signature: 'workload-gone',
    predicate: 'no longer exists',
    remedy: 'Find out who deleted it, then deploy again.',
  });
}

/** Whether the controller has seen the applied object; until then all counts belong to the version before. */
export function isObserved({ workload, watched }: Observation): boolean {
  return workload.observedGeneration >= watched.generation;
}

function superseded({ workload, watched }: Observation): SymptomDetails | null {
  const other = workload.uid !== watched.uid;
  // An answer older than our apply shows the release before.
  const ours = workload.release === watched.release || workload.generation < watched.generation;
  if (!other && ours) return null;
  const now = workload.release ? `release ${workload.release}` : 'no release of Slipway';
  return {
    signature: 'superseded',
    predicate: other
      ? 'was deleted and created again by somebody else during the rollout'
      : `was changed by somebody else during the rollout: its template now belongs to ${now} instead of ${watched.release ?? 'the applied one'}`,
    remedy:
      'Find out who applied, restarted or undid it (a person or a GitOps controller), then deploy again.',
  };
}

function blocked(observation: Observation): SymptomDetails | null {
  const { wanted, kind, partition, onDelete, paused } = observation.workload;
  if (paused)
    return {
      signature: 'paused',
      predicate: 'is paused, so nothing is rolled out',
      remedy:
        kind === 'Job'
          ? 'Set spec.suspend to false.'
          : 'Resume it with "kubectl rollout resume", and remove spec.paused.',
    };
  // The nodes that a DaemonSet should run on are counted by its controller.
  if (wanted === 0 && (kind !== 'DaemonSet' || isObserved(observation)))
    return {
      signature: 'no-replicas',
      predicate: kind === 'DaemonSet' ? 'matches no node' : 'requests 0 replicas, so nothing would serve',
      remedy: kind === 'DaemonSet' ? 'Correct nodeSelector and tolerations.' : 'Scale it to 1 or more.',
    };
  if (onDelete)
    return {
      signature: 'paused',
      predicate: 'uses the update strategy OnDelete, so no pod is replaced',
      remedy: 'Set updateStrategy to RollingUpdate.',
    };
  if (partition > 0 && partition >= wanted)
    return {
      signature: 'paused',
      predicate: `has partition ${partition}, so all ${wanted} pods stay at the old revision`,
      remedy: 'Lower updateStrategy.rollingUpdate.partition.',
    };
  return null;
}

function jobFailed({ workload, snapshot }: Observation): SymptomDetails | null {
  if (workload.kind !== 'Job') return null;
  const condition = workload.conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (!condition) return null;
  const exits = snapshot.pods.flatMap(({ containers }) => containers.map((container) => lastExit(container)));
  const failed = exits.findLast((exit) => exit && exit.exitCode !== 0);
  const code = failed ? `; its last pod exited with ${describeExitCode(failed.exitCode)}` : '';
  return {
    signature: 'job-failed',
    predicate: `failed: ${plainMessage(condition.message) || condition.reason}${code}`,
    remedy: 'Read the log of its last pod, fix the cause and deploy again.',
  };
}

/** The Deployment has its own deadline, progressDeadlineSeconds, which each step forward extends. */
function overdue(observation: Observation): SymptomDetails | null {
  const condition = observation.workload.conditions.find(
    ({ type, status, reason }) =>
      type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
  );
  if (!condition || !isObserved(observation)) return null;
  return {
    signature: 'deadline-exceeded',
    predicate: `made no progress: ${plainMessage(condition.message)}`,
    remedy: 'Check its pods; if they only need more time, raise progressDeadlineSeconds.',
  };
}

/** All new pods are ready, and pods of the old revision are still counted. */
function oldPodsRemain(observation: Observation): SymptomDetails | null {
  const { workload, fresh, old, snapshot } = observation;
  const newReady = fresh.length >= expected(workload) && fresh.every(({ ready }) => ready);
  if (!isObserved(observation) || expected(workload) === 0 || !newReady || workload.kind === 'Job')
    return null;
  const remaining = old.filter((pod) => !pod.deleting || isOverdue(pod, snapshot.at));
  if (remaining.length === 0 || workload.partition > 0) return null;
  const finalizers = [...new Set(remaining.flatMap((pod) => pod.finalizers))];
  const why = finalizers.length > 0 ? `, held by finalizer ${finalizers.join(', ')}` : '';
  const names = remaining.slice(0, 3).map(({ name }) => name);
  return {
    signature: 'old-pods-remain',
    predicate: `still has ${remaining.length} old pod${remaining.length === 1 ? '' : 's'}: ${names.join(', ')}${why}`,
    remedy:
      'Find out what keeps the old pods running: their grace period, a finalizer, a lost node or a PodDisruptionBudget.',
  };
}

function isOverdue({ goneBy }: PodState, at: string): boolean {
  return goneBy !== null && Date.parse(at) > Date.parse(goneBy) + 5000;
}

/** Pods that are to run the new revision. */
export function expected({ wanted, partition }: WorkloadState): number {
  return Math.max(0, wanted - partition);
}
