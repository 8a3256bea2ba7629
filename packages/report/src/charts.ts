import type { ReleaseRecord, WatchedMetric } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { missing, newest } from './evidence.ts';
import { nothing, stateLabel } from './label.ts';
import { brief, count, duration, percent } from './quantity.ts';

/** What the script on the page draws: one chart, in the order of the figures. */
export interface ChartData {
  /** Fraction, drawn as a line that must not be crossed. */
  objective: number;
  /** Seconds since the watch began. */
  seconds: number[];
  /** Fractions of bad events, null where there was no event. */
  fractions: (number | null)[];
}

export function renderMetrics(record: ReleaseRecord): Markup {
  const found = newest(record, 'watch');
  if (!found) return nothing(`No metrics were watched: ${missing(record, 'watch-metrics')}`);
  const { seconds, metrics } = found.evidence;
  if (metrics.length === 0)
    return nothing('No metric was watched, so nothing is known of errors and latency.');
  return html`<p class="range">Watched for ${duration(seconds * 1000)}.</p>
<div class="charts">${metrics.map((metric, at) => figure(metric, at))}</div>`;
}

/** The data of the figures that have a chart, by the number in their id. */
export function chartData(record: ReleaseRecord): Record<string, ChartData> {
  const metrics = newest(record, 'watch')?.evidence.metrics ?? [];
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
    : nothing('No chart: no sample held an event.')
}
<p class="said">${summary}</p>${metric.detail ? html`<p class="said">${metric.detail}</p>` : null}</figure>`;
}

/** The chart in words: what was counted, the objective, and how near the evidence came to a rollback. */
export function describeMetric(metric: WatchedMetric): string {
  const { events, bad, objective, wealth, bar, points } = metric;
  const seen = points.flatMap(([, fraction]) => fraction ?? []);
  const worst = seen.length > 0 ? `, ${percent(Math.max(...seen))} in the worst sample` : '';
  const counted =
    events > 0
      ? `${count(bad, 'bad event')} of ${count(events, 'event')} (${percent(bad / events)}${worst})`
      : 'No event was counted';
  const allowed = objective > 0 ? `allowed are ${percent(objective)}` : 'none is allowed';
  const evidence = bar > 0 ? `; evidence against the release ${brief(wealth)}, broken at ${brief(bar)}` : '';
  return `${counted}, ${allowed}${evidence}.`;
}
