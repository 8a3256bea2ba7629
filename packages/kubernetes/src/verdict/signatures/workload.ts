import type { PodState, WorkloadState } from '../../snapshot/snapshot.ts';
import { lastEnd } from './container-end.ts';
import { objectSign, type Said, type Sight, type Sign } from './sign.ts';
import { exitWords, plainWords } from './wording.ts';

/** What the workload itself says, before any pod is looked at. */
export function workloadSigns(sight: Sight): Sign[] {
  const { workload } = sight;
  const said = changedHands(sight) ?? held(sight) ?? jobFailed(sight) ?? overdue(sight);
  const lingering = oldPodsLinger(sight);
  return [said, lingering].flatMap((one) => (one ? [objectSign(workload.kind, workload.name, one)] : []));
}

/** Whether the controller has seen what was applied; until then all counts are of the version before. */
export function isObserved({ workload, watched }: Sight): boolean {
  return workload.observedGeneration >= watched.generation;
}

function changedHands({ workload, watched }: Sight): Said | null {
  const other = workload.uid !== watched.uid;
  // An answer older than our apply shows the release before.
  const ours = workload.release === watched.release || workload.generation < watched.generation;
  if (!other && ours) return null;
  const now = workload.release ? `release ${workload.release}` : 'no release of Slipway';
  return {
    signature: 'superseded',
    says: other
      ? 'was deleted and created again by somebody else meanwhile'
      : `was changed by somebody else meanwhile: its template is now of ${now} instead of ${watched.release ?? 'what was applied'}`,
    remedy: 'Look who applied, restarted or undid it (a person, a GitOps controller), then deploy again.',
  };
}

function held(sight: Sight): Said | null {
  const { wanted, kind, partition, onDelete, paused } = sight.workload;
  if (paused)
    return {
      signature: 'paused',
      says: 'is paused, so nothing is rolled out',
      remedy:
        kind === 'Job'
          ? 'Set spec.suspend to false.'
          : 'Resume it (kubectl rollout resume), and leave spec.paused out.',
    };
  // The nodes that a DaemonSet should run on are counted by its controller.
  if (wanted === 0 && (kind !== 'DaemonSet' || isObserved(sight)))
    return {
      signature: 'no-replicas',
      says: kind === 'DaemonSet' ? 'fits on no node' : 'asks for 0 replicas, so nothing would serve',
      remedy:
        kind === 'DaemonSet' ? 'Correct nodeSelector and tolerations.' : 'Set spec.replicas to 1 or more.',
    };
  if (onDelete)
    return {
      signature: 'paused',
      says: 'has update strategy OnDelete, so no pod is replaced',
      remedy: 'Set updateStrategy to RollingUpdate.',
    };
  if (partition > 0 && partition >= wanted)
    return {
      signature: 'paused',
      says: `has partition ${partition}, so all ${wanted} pods keep the old revision`,
      remedy: 'Lower updateStrategy.rollingUpdate.partition.',
    };
  return null;
}

function jobFailed({ workload, snapshot }: Sight): Said | null {
  if (workload.kind !== 'Job') return null;
  const condition = workload.conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (!condition) return null;
  const ends = snapshot.pods.flatMap(({ containers }) => containers.map((container) => lastEnd(container)));
  const bad = ends.findLast((end) => end && end.exitCode !== 0);
  const code = bad ? `; its last pod ended with ${exitWords(bad.exitCode)}` : '';
  return {
    signature: 'job-failed',
    says: `failed: ${plainWords(condition.message) || condition.reason}${code}`,
    remedy: 'The log of its last pod says why; mend the release and deploy again.',
  };
}

/** The Deployment has a deadline of its own, progressDeadlineSeconds, that each step forward prolongs. */
function overdue(sight: Sight): Said | null {
  const condition = sight.workload.conditions.find(
    ({ type, status, reason }) =>
      type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
  );
  if (!condition || !isObserved(sight)) return null;
  return {
    signature: 'deadline-exceeded',
    says: `makes no progress: ${plainWords(condition.message)}`,
    remedy: 'Look at its pods; if they only need longer, raise progressDeadlineSeconds.',
  };
}

/** All new pods are ready, and pods of the old revision are still counted. */
function oldPodsLinger(sight: Sight): Said | null {
  const { workload, fresh, old, snapshot } = sight;
  const newReady = fresh.length >= expected(workload) && fresh.every(({ ready }) => ready);
  if (!isObserved(sight) || expected(workload) === 0 || !newReady || workload.kind === 'Job') return null;
  const lingering = old.filter((pod) => !pod.deleting || isOverdue(pod, snapshot.at));
  if (lingering.length === 0 || workload.partition > 0) return null;
  const finalizers = [...new Set(lingering.flatMap((pod) => pod.finalizers))];
  const why = finalizers.length > 0 ? `, held by finalizer ${finalizers.join(', ')}` : '';
  return {
    signature: 'old-pods-linger',
    says: `still has ${lingering.length} old pod${lingering.length === 1 ? '' : 's'}: ${lingering
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ')}${why}`,
    remedy:
      'See what keeps the old pods: their grace period, a finalizer, a lost node or a PodDisruptionBudget.',
  };
}

function isOverdue({ goneBy }: PodState, at: string): boolean {
  return goneBy !== null && Date.parse(at) > Date.parse(goneBy) + 5000;
}

/** Pods that are to be of the new revision. */
export function expected({ wanted, partition }: WorkloadState): number {
  return Math.max(0, wanted - partition);
}
