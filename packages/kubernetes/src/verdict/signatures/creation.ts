import type { EventState } from '../../snapshot/snapshot.ts';
import type { Signature } from '../finding.ts';
import { newSet } from './scope.ts';
import { objectSign, type Said, type Sight, type Sign } from './sign.ts';
import { plainWords } from './wording.ts';

/** Why no pod can be made at all. At most one sign: the controller stops at the first obstacle. */
export function creationSigns(sight: Sight): Sign[] {
  const { snapshot, watched, workload } = sight;
  const set = newSet(snapshot, watched);
  if (workload.kind === 'Deployment' && set && sight.fresh.length >= set.wanted) return [];
  if (sight.fresh.length >= workload.wanted && workload.kind !== 'Job') return [];
  const condition = [...(set?.conditions ?? []), ...(set ? [] : workload.conditions)].find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const message = condition?.message ?? failedCreation(sight, set?.uid ?? workload.uid);
  if (message === null) return [];
  const [kind, name] = set ? ['ReplicaSet', set.name] : [workload.kind, workload.name];
  return [objectSign(kind, name, refusal(plainWords(message), sight))];
}

/** StatefulSets, DaemonSets and Jobs have no condition for it. What was created since then has healed it. */
function failedCreation(sight: Sight, uid: string): string | null {
  const { appliedAt } = sight.watched;
  const events = (sight.events.get(uid) ?? []).filter(({ at }) => at === '' || at >= appliedAt);
  const failed = newest(events.filter(({ reason }) => reason === 'FailedCreate'));
  const created = newest(events.filter(({ reason }) => reason === 'SuccessfulCreate'));
  if (!failed || (created && created.at >= failed.at)) return null;
  return failed.message;
}

function newest(events: readonly EventState[]): EventState | undefined {
  return events.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
}

interface Refusal {
  signature: Signature;
  words: RegExp;
  gravity?: 'fatal' | 'grave';
  remedy: (match: RegExpExecArray, sight: Sight) => string;
}

/** What the API server says to the controller, most specific first. */
const refusals: readonly Refusal[] = [
  {
    signature: 'quota-exceeded',
    words: /exceeded quota: (\S+), requested: (.+), used: (.+), limited: (.+)/,
    remedy: ([, quota, requested, used, limited]) =>
      `Quota ${quota} limits to ${limited}; used are ${used}, requested ${requested}. A surge needs room for one more pod: raise the quota, or set maxSurge to 0 and maxUnavailable to 1.`,
  },
  {
    signature: 'quota-exceeded',
    words: /failed quota: ([^:]+): must specify (.+)/,
    gravity: 'fatal',
    remedy: ([, quota, what]) => `Quota ${quota} wants every container to say ${what}: add it to resources.`,
  },
  {
    signature: 'limit-range',
    words: /(?:maximum|minimum) \S+ usage per (?:Container|Pod)|limit to request ratio/i,
    remedy: () => 'Put requests and limits within the LimitRange of the namespace, or change the LimitRange.',
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
      `This is a problem of the cluster, not of the release: see to the service behind webhook ${webhook}.`,
  },
  {
    signature: 'admission-denied',
    words:
      /admission webhook "([^"]+)" denied|violates PodSecurity|ValidatingAdmissionPolicy|security context constraint|is forbidden|is invalid/i,
    remedy: ([, webhook]) =>
      `Change the pod template as the policy says, or ask ${webhook ? `the owner of ${webhook}` : 'its owner'} for an exception.`,
  },
];

function refusal(message: string, sight: Sight): Said {
  // The name of the pod is random and changes with every try.
  const words = message.replace(/^pods "[^"]*" (?:is )?/, '').replace(/^forbidden: /, '');
  const says = `cannot create pods: ${words}`;
  for (const { signature, words: pattern, gravity, remedy } of refusals) {
    const match = pattern.exec(message);
    if (!match) continue;
    const hold = signature === 'quota-exceeded' && !gravity ? quotaHold(sight) : {};
    return { signature, ...(gravity ? { gravity } : {}), ...hold, says, remedy: remedy(match, sight) };
  }
  return {
    signature: 'webhook-down',
    says,
    remedy: 'This looks like a problem of the cluster, not of the release: look at its control plane.',
  };
}

/** An old pod counts against the quota until it is gone; so long its room may still come free. */
function quotaHold({ snapshot, workload }: Sight): { hold?: number } {
  const leaving = snapshot.pods.some(({ deleting }) => deleting);
  return leaving ? { hold: workload.template.terminationGraceSeconds * 1000 + 15_000 } : {};
}
