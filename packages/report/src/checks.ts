import type { ChecklistItem, ReleaseRecord } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { explainMissing, newestEvidence } from './evidence.ts';
import { grid, note, stateLabel } from './label.ts';
import { count, duration } from './quantity.ts';
import { worstFirst } from './tone.ts';

export function renderChecklist(record: ReleaseRecord): Markup {
  const items = checklistOf(record);
  if (items.length === 0)
    return note(`Nothing was checked: ${explainMissing(record, 'preflight-checklist')}`);
  const rows = worstFirst(items).map(itemRow);
  const passed = items.filter(({ state }) => state === 'passed').length;
  return html`<p class="range">${passed} of ${count(items.length, 'item')} passed.</p>
${grid('Checklist before the release', ['State', 'Item', 'Evidence'], rows)}`;
}

/** The items as each was judged last: a part of them is judged again after the approval. */
function checklistOf(record: ReleaseRecord): ChecklistItem[] {
  const lists = record.phases.flatMap(({ evidence }) =>
    evidence?.kind === 'checklist' ? [evidence.items] : [],
  );
  return [...new Map(lists.flat().map((item) => [item.id, item])).values()];
}

/** State, item and evidence as a row of a table. */
export function itemRow(item: ChecklistItem): Markup[] {
  return [
    stateLabel(item.state),
    html`<b>${item.title}</b>`,
    html`<span class="said">${item.evidence}</span>${item.remedy && item.state !== 'passed' ? html`<small><b>To do:</b> ${item.remedy}</small>` : null}`,
  ];
}

export function renderSmoke(record: ReleaseRecord): Markup {
  const found = newestEvidence(record, 'smoke');
  if (!found) return note(`No smoke check ran: ${explainMissing(record, 'smoke-test')}`);
  const { checks, consensus } = found.evidence;
  const rows = worstFirst(checks).map((check) => [
    stateLabel(check.state),
    html`<b>${check.name}</b><small class="url">${check.url}</small>`,
    html`<span class="said">${check.detail}</span>`,
    html`${check.ms === null ? 'no answer' : duration(check.ms)}${check.attempts > 1 ? html`<small>${count(check.attempts, 'attempt')}</small>` : null}`,
  ]);
  return html`<p class="range">${consensus ? describeConsensus(consensus) : 'The version was not checked.'}</p>
${rows.length > 0 ? grid('Smoke checks', ['State', 'Check', 'Result', 'Time'], rows) : note('No check ran.')}`;
}

/** `All 10 new connections answered 2.0.0.`, or what they answered instead. */
export function describeConsensus(consensus: { expected: string; answers: Record<string, number> }): string {
  const answers = Object.entries(consensus.answers);
  const asked = answers.reduce((sum, [, times]) => sum + times, 0);
  if (asked === 0) return `No connection answered with a version; ${consensus.expected} was expected.`;
  const right = Object.hasOwn(consensus.answers, consensus.expected)
    ? (consensus.answers[consensus.expected] ?? 0)
    : 0;
  if (right === asked) return `All ${count(asked, 'new connection')} answered ${consensus.expected}.`;
  const others = answers
    .filter(([version]) => version !== consensus.expected)
    .map(([version, times]) => `${times} × ${version}`);
  return `${right} of ${count(asked, 'new connection')} answered ${consensus.expected}; others: ${others.join(', ')}.`;
}
