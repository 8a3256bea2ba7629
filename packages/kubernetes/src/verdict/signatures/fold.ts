import type { PodState } from '../../snapshot/snapshot.ts';
import type { Finding, Gravity } from '../finding.ts';
import { rankOf } from './rules.ts';
import type { Sign } from './sign.ts';

/** A sign and whether it ends the rollout. */
export interface Weighed {
  sign: Sign;
  decides: boolean;
}

const gravities: readonly Gravity[] = ['fatal', 'grave', 'pending'];

/**
 * The same sign on many pods becomes one finding. Deciding ones first, then the most telling. `fresh` are the pods that
 * are judged, to say "2/3 pods".
 */
export function fold(
  weighed: readonly Weighed[],
  fresh: readonly PodState[],
): { finding: Finding; decides: boolean }[] {
  const groups = new Map<string, Weighed[]>();
  for (const one of weighed) {
    const key = `${one.sign.signature} ${one.sign.about} ${one.sign.container ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()]
    .map((group) => {
      const sorted = group.toSorted((a, b) => Number(b.decides) - Number(a.decides));
      const signs = sorted.map(({ sign }) => sign) as [Sign, ...Sign[]];
      return { finding: foldGroup(signs, fresh), decides: sorted[0]?.decides ?? false };
    })
    .sort(
      (a, b) =>
        Number(b.decides) - Number(a.decides) || rankOf(a.finding.signature) - rankOf(b.finding.signature),
    );
}

/** One finding out of signs that differ in their subject only; the first one gives the words. */
export function foldGroup(signs: readonly [Sign, ...Sign[]], fresh: readonly PodState[]): Finding {
  const [{ signature, hold, about, container, says, remedy, logs, subject }] = signs;
  const subjects = [...new Set(signs.map((sign) => sign.subject))];
  const pods =
    subjects.length === 1 ? subject : `${subjects.length}/${Math.max(fresh.length, subjects.length)} pods`;
  const named =
    about === 'container'
      ? `container ${container} of ${pods}`
      : about === 'pod'
        ? podWords(pods)
        : `${about} ${subject}`;
  const strongest = gravities.find((gravity) => signs.some((sign) => sign.gravity === gravity));
  return {
    signature,
    gravity: strongest ?? 'pending',
    hold,
    subjects,
    container,
    what: `${named} ${says}${nodeWords(signs, subjects, fresh)}`,
    remedy,
    logs,
  };
}

function podWords(pods: string): string {
  return pods.endsWith(' pods') ? pods : `pod ${pods}`;
}

/** One node that does badly while other pods are ready is rather a matter of the node. */
function nodeWords(signs: readonly Sign[], subjects: readonly string[], fresh: readonly PodState[]): string {
  const nodes = new Set(signs.map(({ node }) => node));
  const [node] = nodes;
  const ready = fresh.filter((pod) => pod.ready && !subjects.includes(pod.name)).length;
  if (nodes.size !== 1 || !node || ready === 0) return '';
  return ` (all on node ${node}, while ${ready} other new pod${ready === 1 ? ' is' : 's are'} ready)`;
}
