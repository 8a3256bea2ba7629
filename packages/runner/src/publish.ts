import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import * as core from '@actions/core';
import { exitCode, type Redactor } from '@slipway/kernel';
import { appendPhase, encodeRecord, type ReleaseRecord } from '@slipway/release';
import type { Render, Result } from './action.ts';
import { writeOutputs } from './context.ts';

export interface Publication {
  phase: string;
  startedAt: Date;
  result: Result;
  /** Undefined when the action failed before it knew which release it belongs to. */
  record: ReleaseRecord | undefined;
  render: Render;
  redactor: Redactor;
  env: Readonly<Record<string, string>>;
}

/** GitHub refuses a step summary above 1 MiB and shows nothing of it. */
const mostSummary = 900 * 1024;

/** Writes everything people and later steps read: outputs, record, job summary, report, and the one annotation. */
export async function publish(publication: Publication): Promise<void> {
  const { result, redactor } = publication;
  const summary = redactor.redact(result.summary);
  const record = publication.record && extended(publication, publication.record, summary);
  writeOutputs({ ...result.outputs, outcome: result.outcome, summary });
  if (record) await publishRecord(record, publication);
  if (exitCode(result.outcome) === 0) return core.info(summary);
  const hint = result.hint ? `\n${redactor.redact(result.hint)}` : '';
  core.error(`${summary}${hint}`, { title: `${publication.phase}: ${result.outcome}` });
}

function extended(publication: Publication, record: ReleaseRecord, summary: string): ReleaseRecord {
  const { phase, startedAt, result } = publication;
  return appendPhase(record, {
    name: phase,
    outcome: result.outcome,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    summary,
    ...(result.evidence ? { evidence: result.evidence } : {}),
  });
}

async function publishRecord(tainted: ReleaseRecord, publication: Publication): Promise<void> {
  const { redactor, render, env } = publication;
  const record = redactTexts(tainted, redactor);
  core.setOutput('release', redactor.redact(encodeRecord(record)));
  const { markdown, html } = render(record);
  if (env.GITHUB_STEP_SUMMARY) {
    const text = redactor.redact(markdown);
    await core.summary.addRaw(text.length > mostSummary ? `${text.slice(0, mostSummary)}\n…` : text).write();
  }
  if (!env.RUNNER_TEMP) return;
  const folder = path.join(env.RUNNER_TEMP, 'slipway');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'report.html');
  // Not redacted again: a secret that happens to be a word of the page's own script would break the script's hash.
  writeFileSync(file, html);
  core.setOutput('report', file);
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
