import { createHash } from 'node:crypto';
import type { ReleaseRecord } from '@slipway/release';
import { chartData, renderMetrics } from './charts.ts';
import { renderChecklist, renderSmoke } from './checks.ts';
import { renderDatabase } from './database.ts';
import { embedJson, html, type Markup, verbatim } from './escape.ts';
import { chartScript, pageStyle } from './page-assets.ts';
import { moment } from './quantity.ts';
import { failedPhase } from './release-outcome.ts';
import { renderServices } from './services.ts';
import { renderTimeline } from './timeline.ts';
import { uplotLicense, uplotScript, uplotStyle } from './uplot-assets.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const styleSheet = `${uplotStyle}\n${pageStyle}`;
const chartLibrary = `/*!\n${uplotLicense}\n*/\n${uplotScript}`;

/** Nothing is loaded, and nothing runs except our style and scripts, each allowed by its hash. */
function policy(scripts: readonly string[]): string {
  const sources = scripts.map(hash).join(' ') || "'none'";
  return `default-src 'none'; style-src ${hash(styleSheet)}; script-src ${sources}; base-uri 'none'; form-action 'none'`;
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** The whole release as one file that loads nothing: it can be saved, mailed and printed. */
export function renderPage(record: ReleaseRecord): string {
  const verdict = verdictOf(record);
  const charts = chartData(record);
  const scripts = Object.keys(charts).length > 0 ? [chartLibrary, chartScript] : [];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${verdict.word}: ${record.app} ${record.version} in ${record.environment}</title>
<style>${verbatim(styleSheet)}</style>
</head>
<body>
<main>
${renderHeader(record, verdict)}
${section('Timeline', renderTimeline(record.phases))}
${section('Services', renderServices(record))}
${section('Checklist', renderChecklist(record))}
${section('Database', renderDatabase(record))}
${section('Smoke checks', renderSmoke(record))}
${section('Metrics', renderMetrics(record))}
<footer>Rendered by Slipway from the record of release ${record.id}. All times are UTC.${omission(record)}</footer>
</main>
${scripts.length > 0 ? html`<script type="application/json" id="charts">${embedJson(charts)}</script>` : null}
${scripts.map((script) => html`<script>${verbatim(script)}</script>`)}
</body>
</html>
`.markup;
}

/** What had to be left out on the way from an earlier step. */
function omission({ omitted = [] }: ReleaseRecord): string {
  return omitted.length > 0 ? ` Left out of earlier phases for their size: ${omitted.join('; ')}.` : '';
}

function section(title: string, body: Markup): Markup {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${body}</section>`;
}

function renderHeader(record: ReleaseRecord, { word, tone, sentence }: Verdict): Markup {
  return html`<header class="${tone}"><span class="verdict ${tone}">${word}</span>
<h1>${sentence}</h1>
${summariesOf(record).map((summary) => html`<p class="lead">${summary}</p>`)}
<dl class="facts">${facts(record).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

/** The sentences of the phase that failed and of the rollback. Empty when everything passed. */
function summariesOf(record: ReleaseRecord): string[] {
  const rollback = record.phases.findLast(({ name }) => name === 'rollback');
  return [failedPhase(record), rollback].flatMap((phase) => phase?.summary ?? []);
}

function facts(record: ReleaseRecord): [string, Markup][] {
  const ends = record.phases.map(({ endedAt }) => endedAt).sort();
  const last = ends.at(-1);
  return [
    ['Application', html`${record.app}`],
    ['Version', html`${record.version || 'unknown'}`],
    ['Environment', html`${record.environment}`],
    ['Commit', html`<code class="digest" title="${record.commit}">${record.commit || 'unknown'}</code>`],
    ['Release', html`<code>${record.id}</code>`],
    ['Started by', starter(record)],
    ['As of', html`${last ? moment(last) : 'not started'}`],
  ];
}

/** Links only a web address: a record from elsewhere cannot inject a script. */
function starter({ run }: ReleaseRecord): Markup {
  if (!run) return html`unknown`;
  const who = run.actor || 'unknown';
  return /^https?:\/\//.test(run.url)
    ? html`${who} (<a href="${run.url}" rel="noreferrer">run</a>)`
    : html`${who}`;
}
