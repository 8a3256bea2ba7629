import type { Outcome } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import type { Stage } from './stage.ts';

/** What a check found, without its title. */
export type Finding = Pick<ChecklistItem, 'state' | 'evidence' | 'remedy'>;

export function passed(evidence: string): Finding {
  return { state: 'passed', evidence };
}

export function failed(evidence: string, remedy: string): Finding {
  return { state: 'failed', evidence, remedy };
}

/** The evidence is missing. It blocks like `failed`. */
export function unknown(evidence: string, remedy: string): Finding {
  return { state: 'unknown', evidence, remedy };
}

/** There was nothing to check. It neither blocks nor counts. */
export function skipped(evidence: string): Finding {
  return { state: 'skipped', evidence };
}

/** It is checked after the approval, because it needs the secrets. It neither blocks nor counts. */
export function deferred(evidence: string): Finding {
  return { state: 'deferred', evidence };
}

export interface Verdict {
  outcome: Extract<Outcome, 'passed' | 'refused'>;
  summary: string;
  hint?: string;
}

/** In the one sentence of the summary; the whole list is below it. */
const maxNamed = 6;
const maxNamedLength = 240;

/** The whole list in one sentence. An item that failed or could not be decided refuses the release. */
export function verdict(items: readonly ChecklistItem[], stage: Stage): Verdict {
  const list = stage === 'after-approval' ? 'Probe' : 'Preflight';
  const count = (...states: ChecklistItem['state'][]): number =>
    items.filter(({ state }) => states.includes(state)).length;
  const judged = count('passed', 'failed', 'unknown', 'waived');
  if (judged === 0) return { outcome: 'refused', summary: `${list} refused: nothing was checked.` };
  const blocking = items.filter(({ state }) => state === 'failed' || state === 'unknown');
  if (blocking.length > 0) {
    const how = tally(count('failed'), count('unknown'), judged);
    return {
      outcome: 'refused',
      summary: `${list} refused: ${how}: ${named(blocking)}.`,
      hint: remedies(blocking),
    };
  }
  const asides = [
    count('waived') > 0 ? `${count('waived')} waived` : '',
    count('skipped') > 0 ? `${count('skipped')} not configured` : '',
    count('manual') > 0 ? `${count('manual')} left to the approvers` : '',
    count('deferred') > 0 ? `${count('deferred')} to check after the approval` : '',
  ].filter((aside) => aside !== '');
  const also = asides.length > 0 ? `; ${asides.join(', ')}` : '';
  return { outcome: 'passed', summary: `${list} passed: ${checks(count('passed'))} passed${also}.` };
}

function tally(failures: number, unknowns: number, judged: number): string {
  if (unknowns === 0) return `${failures} of ${checks(judged)} failed`;
  if (failures === 0) return `${unknowns} of ${checks(judged)} could not be decided`;
  return `${failures} of ${checks(judged)} failed and ${unknowns} could not be decided`;
}

function checks(count: number): string {
  return count === 1 ? '1 check' : `${count} checks`;
}

function named(items: readonly ChecklistItem[]): string {
  const sentences = items.slice(0, maxNamed).map(({ evidence }) => clip(evidence.replace(/\s+/g, ' ')));
  const more = items.length - maxNamed;
  return sentences.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function clip(text: string): string {
  return text.length > maxNamedLength ? `${text.slice(0, maxNamedLength)}…` : text;
}

function remedies(items: readonly ChecklistItem[]): string {
  return items.flatMap(({ title, remedy }) => (remedy ? [`- ${title}: ${remedy}`] : [])).join('\n');
}
