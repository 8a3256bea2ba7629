import type { PodState } from '../../snapshot/snapshot.ts';
import type { Finding, Severity } from '../finding.ts';
import { rankOf } from './rules.ts';
import type { Symptom } from './symptom.ts';

/** A symptom and whether it ends the rollout. */
export interface WeighedSymptom {
  symptom: Symptom;
  decides: boolean;
}

/** A finding and whether it ends the rollout. */
export interface GroupedFinding {
  finding: Finding;
  decides: boolean;
}

const severities: readonly Severity[] = ['terminal', 'sustained', 'advisory'];

/**
 * Merges the same symptom of many pods into one finding. Deciding ones first, then the most specific. `fresh` are the
 * pods that are judged, to state "2/3 pods".
 */
export function groupSymptoms(
  weighed: readonly WeighedSymptom[],
  fresh: readonly PodState[],
): GroupedFinding[] {
  const groups = Map.groupBy(
    weighed,
    ({ symptom: { signature, about, container } }) => `${signature} ${about} ${container ?? ''}`,
  );
  return [...groups.values()]
    .flatMap((group): GroupedFinding[] => {
      const [first, ...others] = group.toSorted((a, b) => Number(b.decides) - Number(a.decides));
      if (!first) return [];
      const symptoms = [first.symptom, ...others.map(({ symptom }) => symptom)] as const;
      return [{ finding: toFinding(symptoms, fresh), decides: first.decides }];
    })
    .sort(
      (a, b) =>
        Number(b.decides) - Number(a.decides) || rankOf(a.finding.signature) - rankOf(b.finding.signature),
    );
}

/** One finding from symptoms that differ in their subject only; the first one provides the words. */
export function toFinding(symptoms: readonly [Symptom, ...Symptom[]], fresh: readonly PodState[]): Finding {
  const [{ signature, graceMs, about, container, predicate, remedy, logs, subject }] = symptoms;
  const subjects = [...new Set(symptoms.map((symptom) => symptom.subject))];
  const pods =
    subjects.length === 1 ? subject : `${subjects.length}/${Math.max(fresh.length, subjects.length)} pods`;
  const named =
    about === 'container'
      ? `container ${container} of ${pods}`
      : about === 'pod'
        ? podWords(pods)
        : `${about} ${subject}`;
  const severity = severities.find((one) => symptoms.some((symptom) => symptom.severity === one));
  return {
    signature,
    severity: severity ?? 'advisory',
    graceMs,
    subjects,
    container,
    what: `${named} ${predicate}${nodeWords(symptoms, subjects, fresh)}`,
    remedy,
    logs,
  };
}

function podWords(pods: string): string {
  return pods.endsWith(' pods') ? pods : `pod ${pods}`;
}

/** When all failing pods are on one node while others are ready, the node is the likely cause. */
function nodeWords(
  symptoms: readonly Symptom[],
  subjects: readonly string[],
  fresh: readonly PodState[],
): string {
  const nodes = new Set(symptoms.map(({ node }) => node));
  const [node] = nodes;
  const ready = fresh.filter((pod) => pod.ready && !subjects.includes(pod.name)).length;
  if (nodes.size !== 1 || !node || ready === 0) return '';
  return ` (all on node ${node}, while ${ready} other new pod${ready === 1 ? ' is' : 's are'} ready)`;
}
