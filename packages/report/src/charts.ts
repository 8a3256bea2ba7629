import type { ReleaseRecord, WatchedMetric } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { explainMissing, newestEvidence } from './evidence.ts';
import { note, stateLabel } from './label.ts';
import { brief, count, duration, percent } from './quantity.ts';

/** The data of one chart, which the script on the page draws. */
export interface ChartData {
  /** A fraction, drawn as a line that must not be crossed. */
  objective: number;
  /** Seconds since the watch began. */
  seconds: number[];
  /** Fractions of bad events, null where there was no event. */
  fractions: (number | null)[];
}

export function renderMetrics(record: ReleaseRecord): Markup {
  const found = newestEvidence(record, 'watch');
  if (!found) return note(`No metrics were watched: ${explainMissing(record, 'watch-metrics')}`);
  const { seconds, metrics } = found.evidence;
  if (metrics.length === 0) return note('No metric was watched: errors and latency are unknown.');
  return html`<p class="range">Watched for ${duration(seconds * 1000)}.</p>
<div class="charts">${metrics.map((metric, at) => figure(metric, at))}</div>`;
}

/** The data of the figures that have a chart, by the id of their element. */
export function chartData(record: ReleaseRecord): Record<string, ChartData> {
  const metrics = newestEvidence(record, 'watch')?.evidence.metrics ?? [];
  return Object.fromEntries(
    metrics
      .map((metric, at) => [`chart-${at}`, metric] as const)
      .filter(([, metric]) => drawable(metric))
      .map(([id, { objective, points }]) => [
        id,
        { objective, seconds: points.map(([at]) => at), fractions: points.map(([, fraction]) => fraction) },
      ]),
  );
}

function drawable({ points }: WatchedMetric): boolean {
  return points.some(([, fraction]) => fraction !== null);
}

function figure(metric: WatchedMetric, at: number): Markup {
  const summary = describeMetric(metric);
  return html`
<figure><figcaption><b>${metric.title}</b> ${stateLabel(metric.state)}</figcaption>
${
  drawable(metric)
    ? html`<div class="chart" id="chart-${at}" role="img" aria-label="Chart. ${metric.title}: ${summary}"></div>`
    : note('No chart: no sample had an event.')
}
<p class="said">${summary}</p>${metric.detail ? html`<p class="said">${metric.detail}</p>` : null}</figure>`;
}

/** The chart in words: what was counted, the objective, and the evidence against the release. */
export function describeMetric(metric: WatchedMetric): string {
  const { events, bad, objective, wealth, bar, points } = metric;
  const seen = points.flatMap(([, fraction]) => fraction ?? []);
  const worst = seen.length > 0 ? `, ${percent(Math.max(...seen))} in the worst sample` : '';
  const counted =
    events > 0
      ? `${count(bad, 'bad event')} of ${count(events, 'event')} (${percent(bad / events)}${worst})`
      : 'No event was counted';
  const limit = objective > 0 ? `, objective ${percent(objective)}` : '; the counter must not increase';
  const evidence = bar > 0 ? `; evidence against the release ${brief(wealth)}, threshold ${brief(bar)}` : '';
  return `${counted}${limit}${evidence}.`;
}
