import type { EventState } from '../../snapshot/snapshot.ts';
import type { Signature } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { newSet } from '../scope.ts';
import { objectSymptom, type Symptom, type SymptomDetails } from './symptom.ts';
import { plainMessage } from './wording.ts';

/** Why no pod can be created. At most one symptom: the controller stops at the first obstacle. */
export function creationSymptoms(observation: Observation): Symptom[] {
  const { snapshot, watched, workload } = observation;
  const set = newSet(snapshot, watched);
  if (workload.kind === 'Deployment' && set && observation.fresh.length >= set.wanted) return [];
  if (observation.fresh.length >= workload.wanted && workload.kind !== 'Job') return [];
  const condition = [...(set?.conditions ?? []), ...(set ? [] : workload.conditions)].find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const message = condition?.message ?? failedCreation(observation, set?.uid ?? workload.uid);
  if (message === null) return [];
  const [kind, name] = set ? ['ReplicaSet', set.name] : [workload.kind, workload.name];
  return [objectSymptom(kind, name, explain(plainMessage(message), observation))];
}

/** StatefulSets, DaemonSets and Jobs have no condition for it. A pod created since then means that it healed. */
function failedCreation(observation: Observation, uid: string): string | null {
  const { appliedAt } = observation.watched;
  const events = (observation.events.get(uid) ?? []).filter(({ at }) => at === '' || at >= appliedAt);
  const failed = newest(events.filter(({ reason }) => reason === 'FailedCreate'));
  const created = newest(events.filter(({ reason }) => reason === 'SuccessfulCreate'));
  if (!failed || (created && created.at >= failed.at)) return null;
  return failed.message;
}

function newest(events: readonly EventState[]): EventState | undefined {
  return events.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
}

interface CreationRefusal {
  signature: Signature;
  words: RegExp;
  severity?: 'terminal' | 'sustained';
  remedy: (match: RegExpExecArray, observation: Observation) => string;
}

/** What the API server answers to the controller, most specific first. */
const refusals: readonly CreationRefusal[] = [
  {
    signature: 'quota-exceeded',
    words: /exceeded quota: (\S+), requested: (.+), used: (.+), limited: (.+)/,
    remedy: ([, quota, requested, used, limited]) =>
      `Quota ${quota} is limited to ${limited}: ${used} in use, ${requested} requested. A surge needs room for one more pod: raise the quota, or set maxSurge to 0 and maxUnavailable to 1.`,
  },
  {
    signature: 'quota-exceeded',
    words: /failed quota: ([^:]+): must specify (.+)/,
    severity: 'terminal',
    remedy: ([, quota, what]) =>
      `Quota ${quota} requires every container to specify ${what}: add it to resources.`,
  },
  {
    signature: 'limit-range',
    words: /(?:maximum|minimum) \S+ usage per (?:Container|Pod)|limit to request ratio/i,
    remedy: () => 'Set requests and limits within the LimitRange of the namespace, or change the LimitRange.',
  },
  {
    signature: 'service-account-missing',
    words: /service ?account "?([\w.-]+)"? not found/i,
    remedy: ([, name], { workload }) =>
      `Create the service account ${name} in namespace ${workload.namespace}, or correct serviceAccountName.`,
  },
  {
    signature: 'webhook-down',
    words: /failed calling webhook "([^"]+)"/,
    remedy: ([, webhook]) =>
      `This is a problem of the cluster, not of the release: check the service that webhook ${webhook} calls.`,
  },
  {
    signature: 'admission-denied',
    words:
      /admission webhook "([^"]+)" denied|violates PodSecurity|ValidatingAdmissionPolicy|security context constraint|is forbidden|is invalid/i,
    remedy: ([, webhook]) =>
      `Change the pod template to comply with the policy, or ask ${webhook ? `the owner of ${webhook}` : 'its owner'} for an exception.`,
  },
];

function explain(message: string, observation: Observation): SymptomDetails {
  // The name of the pod is random and changes with every attempt.
  const words = message.replace(/^pods "[^"]*" (?:is )?/, '').replace(/^forbidden: /, '');
  const predicate = `cannot create pods: ${words}`;
  for (const { signature, words: pattern, severity, remedy } of refusals) {
    const match = pattern.exec(message);
    if (!match) continue;
    const period = signature === 'quota-exceeded' && !severity ? quotaGracePeriod(observation) : {};
    return {
      signature,
      ...(severity ? { severity } : {}),
      ...period,
      predicate,
      remedy: remedy(match, observation),
    };
  }
  return {
    signature: 'webhook-down',
    predicate,
    remedy: 'This looks like a problem of the cluster, not of the release: check its control plane.',
  };
}

/** An old pod counts against the quota until it is gone; until then its resources may still be freed. */
function quotaGracePeriod({ snapshot, workload }: Observation): { graceMs?: number } {
  const leaving = snapshot.pods.some(({ deleting }) => deleting);
  return leaving ? { graceMs: workload.template.terminationGraceSeconds * 1000 + 15_000 } : {};
}
