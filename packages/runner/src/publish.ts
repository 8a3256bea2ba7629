import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describeError, exitCode, type Redactor } from '@slipway/kernel';
import { appendPhase, encodeRecord, type Phase, type ReleaseRecord, redactFreeText } from '@slipway/release';
import type { LoadReport, Render, Result } from './action.ts';
import * as core from './commands.ts';
import { writeOutputs } from './context.ts';
import { stepLog } from './log.ts';
import { boundedLines, maxRecordedLines, maxShownLines, spokenResult } from './spoken-result.ts';

export interface Publication {
  phase: string;
  startedAt: Date;
  result: Result;
  /** Undefined when the action failed before it knew which release it belongs to. */
  record: ReleaseRecord | undefined;
  loadReport: LoadReport;
  redactor: Redactor;
  env: Readonly<Record<string, string>>;
}

/** GitHub refuses a step summary above 1 MiB and shows nothing of it. */
const maxSummaryLength = 900 * 1024;

/**
 * Writes everything people and later steps read: outputs, record, job summary, report, and the one annotation.
 * @throws what the file system throws when it takes no more; nothing was annotated then.
 */
export async function publish(publication: Publication): Promise<void> {
  const { result, redactor } = publication;
  const { summary, details, annotation } = spokenResult(result, redactor);
  writeOutputs({ ...result.outputs, outcome: result.outcome, summary });
  if (publication.record) await publishRecord(publication.record, publication);
  else writeSummary(plainMarkdown(publication));
  if (exitCode(result.outcome) === 0) {
    for (const line of [summary, ...details]) stepLog(redactor).info(line);
    return;
  }
  const annotate = codeOf(result) === 0 ? core.warning : core.error;
  annotate(annotation, { title: `${publication.phase}: ${result.outcome}` });
}

/** Exit code of the step. */
export function codeOf(result: Result): 0 | 1 {
  return isTolerated(result) ? 0 : exitCode(result.outcome);
}

function isTolerated({ outcome, tolerated }: Result): boolean {
  return outcome === 'inconclusive' && tolerated === true;
}

function phaseOf({ phase, startedAt, result, redactor }: Publication): Phase {
  const { summary } = spokenResult(result, redactor);
  return {
    name: phase,
    outcome: result.outcome,
    ...(isTolerated(result) ? { tolerated: true as const } : {}),
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    summary,
    ...(result.evidence ? { evidence: result.evidence } : {}),
  };
}

/**
 * What the next step reads keeps the names and digests that it compares; what people read is redacted everywhere. Few
 * lines of a log travel to the next job; the page of this one shows more of them.
 */
async function publishRecord(before: ReleaseRecord, publication: Publication): Promise<void> {
  const { redactor, env, result } = publication;
  const phase = phaseOf(publication);
  const { details } = spokenResult(result, redactor);
  const withLines = (max: number): ReleaseRecord =>
    appendPhase(before, details.length === 0 ? phase : { ...phase, details: boundedLines(details, max) });
  const passed = redactFreeText(withLines(maxRecordedLines), (text) => redactor.redact(text));
  core.setOutput(
    'release',
    encodeRecord(passed, (text) => redactor.find(text)),
  );
  const shown = redactTexts(withLines(maxShownLines), redactor);
  const { markdown, html } = await rendered(shown, publication);
  writeSummary(redactor.redact(markdown));
  if (!env.RUNNER_TEMP || html === '') return;
  const folder = path.join(env.RUNNER_TEMP, 'slipway');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'report.html');
  // Not redacted again: a secret that happens to be a word of the page's own script would break the script's hash.
  writeFileSync(file, html);
  writeFileSync(path.join(folder, 'release.json'), `${JSON.stringify(shown, null, 2)}\n`);
  core.setOutput('report', file);
}

/** A report that cannot be rendered does not fail the release: the summary is then plain Markdown. */
async function rendered(record: ReleaseRecord, publication: Publication): Promise<ReturnType<Render>> {
  try {
    const { render } = await publication.loadReport();
    return render(record);
  } catch (error) {
    stepLog(publication.redactor).warn(`the report could not be rendered: ${describeError(error)}`);
    return { markdown: plainMarkdown(publication), html: '' };
  }
}

/** What the job summary says when there is no record to render: one sentence, and what to do next. */
function plainMarkdown(publication: Publication): string {
  const { phase, result, redactor } = publication;
  const quoted = spokenResult(result, redactor).annotation.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `### ${phase}: ${result.outcome}\n\n<pre>${quoted}</pre>\n`;
}

function writeSummary(markdown: string): void {
  core.addSummary(
    markdown.length > maxSummaryLength ? `${markdown.slice(0, maxSummaryLength)}\n…` : markdown,
  );
}

/** Every text in the value redacted, before JSON, HTML or Markdown escapes a secret into something unrecognizable. */
function redactTexts<Value>(value: Value, redactor: Redactor): Value {
  if (typeof value === 'string') return redactor.redact(value) as Value;
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redactor)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redactor.redact(key), redactTexts(item, redactor)]),
  ) as Value;
}
