import { copyFile, mkdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { formatDuration } from '@slipway/kernel';
import type { RunnerEvent, RunResult } from '@slipway/local-runner';
import { decodeRecord, mergeRecords, type ReleaseRecord } from '@slipway/release';
import { paint } from './ink.ts';
import { narrator } from './narrator.ts';
import { bringUpFirstVersion } from './opening.ts';
import { type Prober, startProber } from './prober.ts';
import { goodCommit, green, type Release, red, startGitHub, startRelease } from './release.ts';
import { printRelease } from './release-table.ts';
import { rollbackCaller, rollbackWorkflow } from './rollback-caller.ts';
import { type RunReport, reportRun } from './run-report.ts';
import type { Scenario } from './scenarios.ts';
import { root, type Stage } from './stage.ts';
import { services, tagDigest } from './target-state.ts';

/** Requests a second that the prober sends, half of them POST. */
const rate = 20;

export interface Play {
  name: string;
  scenario: Scenario;
  stage: Stage;
  say: (line: string) => void;
  verbose: boolean;
  approve: () => Promise<'approved' | 'rejected'>;
  /** Aborted by Ctrl-C: the play ends, nothing is judged. */
  signal: AbortSignal;
}

/** Plays one story on a stage that is set: 1.0.0 serves, 2.0.0 is released, the target is observed before and after. */
export async function play(it: Play): Promise<RunReport> {
  const { stage, scenario, say } = it;
  const first = await stage.repository.commit('1.0.0', {
    'migrations/002_document_source.sql': null,
    [rollbackWorkflow]: rollbackCaller(await stage.repository.read(stage.workflow)),
  });
  await stage.startProxy();
  say('version 1.0.0 is brought into service');
  await bringUpFirstVersion(stage, '1.0.0', first);
  const before = await stage.observe();
  const migration = await readMigration();
  const sha = await stage.repository.commit('2.0.0', {
    ...migration,
    ...(await scenario.change(stage.repository)),
  });
  say('');
  say(paint('bold', `${it.name}: ${scenario.title}`));
  const prober = startProber(stage.api, rate);
  try {
    const { result, errors } = await run(it, sha, prober, {});
    const onDemand = await rollBackOnDemand(it, sha, prober);
    const probe = await prober.stop();
    const after = await stage.observe();
    const digests = services.map(async (name) => [name, await tagDigest(stage, name, '2.0.0')] as const);
    await showRelease(it, result);
    return reportRun({
      platform: stage.platform,
      result,
      onDemand,
      errors,
      before,
      after,
      probe,
      newDigests: Object.fromEntries(await Promise.all(digests)),
    });
  } finally {
    await prober.stop();
  }
}

async function readMigration(): Promise<Record<string, string>> {
  const file = 'migrations/002_document_source.sql';
  return { [file]: await readFile(path.join(root, 'workflows-examples/docsense', file), 'utf8') };
}

/** What a person does once the run is over; null when the story has no more. */
async function rollBackOnDemand(it: Play, sha: string, prober: Prober): Promise<RunResult | null> {
  const { rollBackTo: to } = it.scenario;
  if (to === undefined) return null;
  it.say('');
  it.say(paint('bold', `somebody starts rollback.yml with to: ${to}`));
  const event = { name: 'workflow_dispatch', inputs: { to } };
  const { result } = await run(it, sha, prober, { workflow: rollbackWorkflow, event });
  return result;
}

/** Runs the caller of deploy.yml for the tag, or another workflow. */
async function run(
  it: Play,
  sha: string,
  prober: Prober,
  other: Pick<Release, 'workflow' | 'event'>,
): Promise<{ result: RunResult; errors: Record<string, string> }> {
  const { stage, scenario } = it;
  const runId = Date.now();
  const github = await startGitHub(goodCommit(stage, sha, scenario.redCheck ? red : green, runId));
  const cancel = new AbortController();
  it.signal.addEventListener('abort', () => cancel.abort());
  const errors: Record<string, string> = {};
  const narrate = narrator({ say: it.say, verbose: it.verbose });
  const on = (event: RunnerEvent): void => {
    narrate(event);
    if (event.type === 'annotation' && event.level === 'error') errors[event.step] = event.message;
    const watching = event.type === 'step-started' && event.step === 'watch';
    if (watching && scenario.cancelAfter !== undefined)
      setTimeout(() => cancel.abort(), scenario.cancelAfter);
    if (event.type === 'job-ended') it.say(paint('gray', probeLine(prober)));
  };
  try {
    const { approve } = it;
    const without = scenario.without ?? [];
    const { done } = await startRelease(stage, github, {
      ...other,
      version: '2.0.0',
      sha,
      runId,
      without,
      approve,
      on,
      signal: cancel.signal,
    });
    return { result: await done, errors };
  } finally {
    await github.stop();
  }
}

function probeLine(prober: Prober): string {
  const { requests, failed, maxGap } = prober.report();
  return `              users: ${requests} requests, ${failed} failed, longest gap ${formatDuration(maxGap)}`;
}

/** The release as a table, and where its report lies. */
async function showRelease(it: Play, result: RunResult): Promise<void> {
  const record = lastRecord(result);
  if (record) printRelease(record, it.say);
  const reports = ['rescue', 'release', 'preflight'].map((job) => result.artifacts[`slipway-${job}-demo`]);
  const report = reports.find((folder) => folder !== undefined);
  if (!report) return;
  const saved = path.join(root, '.slipway', 'demo', `${it.name}.html`);
  await mkdir(path.dirname(saved), { recursive: true });
  await copyFile(path.join(report, 'report.html'), saved);
  it.say(`  report: ${path.relative(process.cwd(), saved)}`);
}

/** The record as the last step left it; before the release job, those of the parallel jobs put together. */
function lastRecord(result: RunResult): ReleaseRecord | undefined {
  const of = (job: string): ReleaseRecord[] => {
    const steps = Object.entries(result.jobs).find(([id]) => id.endsWith(`.${job}`))?.[1].steps ?? [];
    const encoded = steps.map((step) => step.outputs.release).filter((one) => one !== undefined);
    return encoded.slice(-1).map(decodeRecord);
  };
  const [first, ...rest] = [...of('preflight'), ...of('build')];
  return of('rescue')[0] ?? of('release')[0] ?? (first && rest.reduce(mergeRecords, first));
}
