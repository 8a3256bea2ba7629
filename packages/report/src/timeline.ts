import type { Phase } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { stateLabel } from './label.ts';
import { clock, duration, moment } from './quantity.ts';
import { toneOf } from './tone.ts';

/** A phase, or a time in which none ran, on the axis of the release. Offsets and widths are percentages of the whole. */
export type Span = { from: number; width: number; ms: number } & ({ phase: Phase } | { phase: null });

/** A shorter pause is the start of the next step and gets no line. */
const minGapMs = 5000;
/** In percent; a narrower bar could not be seen. */
const minWidth = 0.8;

/** The phases in the order in which they began, with the gaps between them. */
export function timelineSpans(phases: readonly Phase[]): Span[] {
  const sorted = phases.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const begin = Math.min(...sorted.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(...sorted.map(({ endedAt }) => Date.parse(endedAt)));
  const span = (from: number, to: number, phase: Phase | null): Span => {
    const ms = Math.max(0, to - from);
    const width = Math.max(minWidth, (100 * ms) / Math.max(1, end - begin));
    return {
      from: Math.min((100 * (from - begin)) / Math.max(1, end - begin), 100 - width),
      width,
      ms,
      phase,
    };
  };
  let reached = begin;
  return sorted.flatMap((phase) => {
    const [from, to] = [Date.parse(phase.startedAt), Date.parse(phase.endedAt)];
    const gap = from - reached >= minGapMs ? [span(reached, from, null)] : [];
    reached = Math.max(reached, to);
    return [...gap, span(from, to, phase)];
  });
}

export function renderTimeline(phases: readonly Phase[]): Markup {
  if (phases.length === 0) return html`<p class="none">No phase has finished yet.</p>`;
  const starts = phases.map(({ startedAt }) => startedAt).sort();
  const ends = phases.map(({ endedAt }) => endedAt).sort();
  const [first, last] = [starts[0] as string, ends.at(-1) as string];
  const total = Date.parse(last) - Date.parse(first);
  return html`<p class="range">${moment(first)} to ${clock(last)}, ${duration(total)} in all</p>
<ol class="timeline">${timelineSpans(phases).map((span) => (span.phase ? phaseRow(span, span.phase) : gapRow(span)))}</ol>`;
}

function phaseRow(span: Span, phase: Phase): Markup {
  return html`
<li><div class="what"><b>${phase.name}</b> ${stateLabel(phase.outcome)}</div>
${track(span, toneOf(phase.outcome))}
<div class="time" title="${moment(phase.startedAt)}">${duration(span.ms)}</div>
<p>${phase.summary}</p>${logLines(phase)}</li>`;
}

function logLines({ details = [] }: Phase): Markup | null {
  return details.length === 0 ? null : html`<pre class="log">${details.join('\n')}</pre>`;
}

function gapRow(span: Span): Markup {
  return html`
<li class="gap"><div class="what">nothing ran</div>
${track(span, 'gap')}
<div class="time">${duration(span.ms)}</div></li>`;
}

/** Uses attributes in place of styles, because the page's policy forbids inline styles. */
function track({ from, width }: Span, tone: string): Markup {
  return html`<svg class="track" aria-hidden="true"><rect class="rail" width="100%" height="100%"/><rect class="${tone}" x="${from.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"/></svg>`;
}
