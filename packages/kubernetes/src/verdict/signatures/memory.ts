import type { FailFast, Finding, Signature } from '../finding.ts';
import type { Memory } from '../model.ts';
import type { Observation } from '../observation.ts';
import { forgottenAfterMs, othersReadyGraceMs, rankOf, rules } from './rules.ts';
import type { Symptom } from './symptom.ts';

/** The identity of a symptom across snapshots. */
function keyOf({
  signature,
  subject,
  container,
}: Pick<Symptom, 'signature' | 'subject' | 'container'>): string {
  return `${signature} ${subject}/${container ?? ''}`;
}

/** The memory after a snapshot that showed these symptoms at `at`. A symptom that was absent for long starts again. */
export function remember(
  memory: Memory,
  symptoms: readonly Symptom[],
  at: string,
  findingOf: (symptom: Symptom) => Finding,
): Memory {
  const seen = { ...memory.seen };
  for (const symptom of symptoms) {
    const key = keyOf(symptom);
    const before = seen[key];
    const continues = before !== undefined && elapsed(before.last, at) <= forgottenAfterMs;
    seen[key] = {
      since: continues ? before.since : at,
      times: continues ? before.times + 1 : 1,
      last: at,
      predicate: symptom.predicate,
      finding: findingOf(symptom),
    };
  }
  return { seen };
}

const pulls: readonly Signature[] = [
  'image-missing',
  'image-denied',
  'wrong-architecture',
  'image-limited',
  'image-unreachable',
];

/**
 * The status of a failed pull is soon reduced to "Back-off pulling image": then the cause that was seen before remains.
 * `statesCause` is called for symptoms of failed pulls only.
 */
export function recallCauses(
  symptoms: readonly Symptom[],
  memory: Memory,
  statesCause: (symptom: Symptom) => boolean,
): readonly Symptom[] {
  return symptoms.map((symptom) => {
    if (!pulls.includes(symptom.signature) || statesCause(symptom)) return symptom;
    for (const signature of pulls) {
      const known = memory.seen[keyOf({ ...symptom, signature })];
      if (!known || !statesCause({ ...symptom, predicate: known.predicate })) continue;
      const { severity, graceMs, remedy } = known.finding;
      return { ...symptom, signature, severity, graceMs, remedy, predicate: known.predicate };
    }
    return symptom;
  });
}

/** Recent findings about the pods of this snapshot, the most specific first: symptoms come and go between snapshots. */
export function recent(memory: Memory, { snapshot, fresh }: Observation): Finding[] {
  const names = new Set(fresh.map(({ name }) => name));
  return Object.values(memory.seen)
    .filter(({ last }) => elapsed(last, snapshot.at) <= forgottenAfterMs)
    .map(({ finding }) => finding)
    .filter(({ subjects }) => subjects.some((subject) => names.has(subject)))
    .sort((a, b) => rankOf(a.signature) - rankOf(b.signature));
}

/** Whether a symptom ends the rollout now. `otherReadyPods`: new pods without this symptom that are ready. */
export function decides(
  symptom: Symptom,
  memory: Memory,
  { at, failFast, otherReadyPods }: { at: string; failFast: FailFast; otherReadyPods: number },
): boolean {
  const { despiteReady, final } = rules[symptom.signature];
  if (final) return true;
  if (failFast === 'off' || symptom.severity === 'advisory') return false;
  const { since, times } = memory.seen[keyOf(symptom)] ?? { since: at, times: 1 };
  const oneOfSeveral = otherReadyPods > 0 && failFast !== 'strict' && !despiteReady;
  const graceMs = Math.max(symptom.graceMs, oneOfSeveral ? othersReadyGraceMs : 0);
  if (symptom.severity === 'terminal' && graceMs === 0) return true;
  return times >= 2 && elapsed(since, at) >= graceMs;
}

function elapsed(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from);
}
