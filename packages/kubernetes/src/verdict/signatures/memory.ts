import type { FailFast, Finding, Signature } from '../finding.ts';
import type { Memory } from '../judge.ts';
import { besideReady, forgotten, rankOf, rules } from './rules.ts';
import type { Sight, Sign } from './sign.ts';

/** What makes two looks show the same sign. */
export function keyOf({
  signature,
  subject,
  container,
}: Pick<Sign, 'signature' | 'subject' | 'container'>): string {
  return `${signature} ${subject}/${container ?? ''}`;
}

/** The memory after a look that showed these signs at `at`. A sign that was away for long starts anew. */
export function remember(
  memory: Memory,
  signs: readonly Sign[],
  at: string,
  tell: (sign: Sign) => Finding,
): Memory {
  const seen = { ...memory.seen };
  for (const sign of signs) {
    const key = keyOf(sign);
    const before = seen[key];
    const goesOn = before !== undefined && elapsed(before.last, at) <= forgotten;
    seen[key] = {
      since: goesOn ? before.since : at,
      times: goesOn ? before.times + 1 : 1,
      last: at,
      says: sign.says,
      finding: tell(sign),
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
 * A failed pull soon says no more than "Back-off pulling image": then the cause that was seen before holds on.
 * `tellsCause` is asked of signs of failed pulls only.
 */
export function recallCauses(
  signs: readonly Sign[],
  memory: Memory,
  tellsCause: (sign: Sign) => boolean,
): readonly Sign[] {
  return signs.map((sign) => {
    if (!pulls.includes(sign.signature) || tellsCause(sign)) return sign;
    for (const signature of pulls) {
      const known = memory.seen[keyOf({ ...sign, signature })];
      if (!known || !tellsCause({ ...sign, says: known.says })) continue;
      const { gravity, hold, remedy } = known.finding;
      return { ...sign, signature, gravity, hold, remedy, says: known.says };
    }
    return sign;
  });
}

/** What was seen of the pods of this look shortly before it, the most telling first: signs come and go between looks. */
export function recent(memory: Memory, { snapshot, fresh }: Sight): Finding[] {
  const names = new Set(fresh.map(({ name }) => name));
  return Object.values(memory.seen)
    .filter(({ last }) => elapsed(last, snapshot.at) <= forgotten)
    .map(({ finding }) => finding)
    .filter(({ subjects }) => subjects.some((subject) => names.has(subject)))
    .sort((a, b) => rankOf(a.signature) - rankOf(b.signature));
}

/** Whether a sign ends the rollout now. `readyBeside`: new pods without this sign that are ready. */
export function decides(
  sign: Sign,
  memory: Memory,
  { at, failFast, readyBeside }: { at: string; failFast: FailFast; readyBeside: number },
): boolean {
  const { despiteReady, final } = rules[sign.signature];
  if (final) return true;
  if (failFast === 'off' || sign.gravity === 'pending') return false;
  const { since, times } = memory.seen[keyOf(sign)] ?? { since: at, times: 1 };
  const oneOfSeveral = readyBeside > 0 && failFast !== 'strict' && !despiteReady;
  const hold = Math.max(sign.hold, oneOfSeveral ? besideReady : 0);
  if (sign.gravity === 'fatal' && hold === 0) return true;
  return times >= 2 && elapsed(since, at) >= hold;
}

function elapsed(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from);
}
