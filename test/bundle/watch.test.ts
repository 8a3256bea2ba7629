import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { appendPhase, beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleRun, runBundle } from '../support/action.ts';
import { type Behaviour, type MetricsApp, startMetricsApp } from '../support/metrics-app.ts';

let workspace: string;
let app: MetricsApp | undefined;

beforeAll(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-watch-'));
  mkdirSync(path.join(workspace, '.github'));
});
afterEach(async () => {
  await app?.close();
  app = undefined;
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const scrape = `watch:
  for: 2s
  every: 200ms
  scrape: {urls: ["\${API_URL}"]}
  metrics: {must-not-increase: [jobs_lost_total]}
`;

async function watch(config: string, inputs: Record<string, string> = {}, run: BundleRun = {}) {
  const text = `app: docsense\nservices: {backend: {image: registry.example.com/backend}}\n${config}`;
  writeFileSync(path.join(workspace, '.github/slipway.yml'), text);
  const env = { API_URL: app?.metrics ?? 'http://127.0.0.1:9/metrics' };
  return runBundle('watch-metrics', { workspace, inputs, env, ...run });
}

async function start(behaviour: Behaviour): Promise<void> {
  app = await startMetricsApp({ lost: 0, ...behaviour });
}

const stopAfterFirstSample: NonNullable<BundleRun['started']> = (child) =>
  child.stdout?.on('data', (text) => {
    if (/^watch \d/m.test(String(text))) app?.behave({ status: 502 });
  });

/** A record whose rollout began before the application of the test was started. */
function rolledOut(): string {
  const parts = { id: '2.0.0-7', app: 'docsense', environment: 'production', version: '2.0.0', commit: '' };
  const now = new Date(Date.now() - 60_000).toISOString();
  const phase = {
    name: 'rollout',
    outcome: 'passed' as const,
    startedAt: now,
    endedAt: now,
    summary: 'Done.',
  };
  return encodeRecord(appendPhase(beginRelease(parts), phase));
}

test('a healthy release passes at the end, with numbers', async () => {
  await start({ errors: 0.001 });
  const { code, outputs, errors, stdout } = await watch(scrape, { release: rolledOut() });
  expect({ code, errors, outcome: outputs.outcome }).toEqual({ code: 0, errors: [], outcome: 'passed' });
  expect(outputs.summary).toMatch(
    /^Watch passed after 2(?:\.\d)? s: requests that failed: \d+ \(.*objective 1 %.*jobs_lost_total did not increase\.$/,
  );
  expect(Number(outputs.requests)).toBeGreaterThan(300);
  expect(stdout).toMatch(
    /^watch \d+ ms of 2 s: \d+ requests, 0 errors \(limit 1 %\), slower than 1 s: 0 \(limit 5 %\), jobs_lost_total: 0$/m,
  );
  const evidence = decodeRecord(outputs.release ?? '').phases.at(-1)?.evidence;
  expect(evidence).toMatchObject({
    kind: 'watch',
    metrics: [{ state: 'met' }, { state: 'met' }, { state: 'met' }],
  });
});

describe('a broken release fails at once, with one annotation:', () => {
  test.each<[string, Behaviour, RegExp]>([
    [
      'a fifth of the requests fail',
      { errors: 0.2 },
      /^Watch failed after .*: Requests that failed: \d+ of \d+ \([12]\d? %, objective 1 %\), first seen .* evidence \d+, threshold 200\.$/,
    ],
    [
      'half of them are slow',
      { slow: 0.5 },
      /^Watch failed after .*: Requests slower than 1 s: \d+ of \d+ \(\d\d %, objective 5 %\)/,
    ],
    [
      'one job was lost before the first sample',
      { lost: 1 },
      /^Watch failed after \d+ ms: jobs_lost_total increased by 1, first seen .* into the watch; it must not increase\.$/,
    ],
  ])('%s', async (_name, behaviour, why) => {
    await start(behaviour);
    const { code, outputs, errors } = await watch(scrape.replace('2s', '20s'), { release: rolledOut() });
    expect({ code, outcome: outputs.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(why);
  });

  test('it stops answering', async () => {
    await start({});
    const { code, errors } = await watch(scrape.replace('2s', '10m'), {}, { started: stopAfterFirstSample });
    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(/: the application stopped answering: .*: status 502 \(3 samples in a row\)\.$/),
    ]);
  });
});

describe('without evidence', () => {
  test('it is inconclusive, which fails', async () => {
    const { code, outputs, errors } = await watch(scrape);
    expect({ code, outcome: outputs.outcome, requests: outputs.requests }).toEqual({
      code: 1,
      outcome: 'inconclusive',
      requests: '0',
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('nothing could be read from http://127.0.0.1:9/metrics: connection refused');
  });

  test('or passes with a warning where the configuration says so, and stays inconclusive in the record', async () => {
    const { code, outputs, errors, stdout } = await watch(`${scrape}  inconclusive: pass\n`);
    expect({ code, outcome: outputs.outcome, errors }).toEqual({
      code: 0,
      outcome: 'inconclusive',
      errors: [],
    });
    expect(stdout).toMatch(/^::warning title=watch-metrics%3A inconclusive::Watch inconclusive after/m);
    const record = decodeRecord(outputs.release ?? '');
    expect(record).toMatchObject({
      verdict: 'in-progress',
      phases: [{ outcome: 'inconclusive', tolerated: true }],
    });
  });
});

describe('it is refused', () => {
  test.each([
    ['without the section', '', {}, 'the configuration has no section "watch"'],
    [
      'without a source',
      'watch: {for: 1s}\n',
      {},
      'watch has no metrics source: expected one of scrape, prometheus',
    ],
    [
      'with two sources',
      `${scrape}  prometheus: {url: "http://127.0.0.1:9"}\n`,
      {},
      'watch has 2 metrics sources: "scrape" and "prometheus"',
    ],
    ['with a wrong since', scrape, { since: 'yesterday' }, 'input "since": expected a time'],
  ])('%s', async (_name, config, inputs, why) => {
    const { code, outputs, errors } = await watch(config, inputs as Record<string, string>);
    expect({ code, outcome: outputs.outcome }).toEqual({ code: 1, outcome: 'refused' });
    expect(errors).toEqual([expect.stringContaining(why)]);
  });
});

test('a dry run lists the plan and sends nothing', async () => {
  await start({});
  const { code, outputs, stdout } = await watch(scrape, { 'dry-run': 'true' });
  expect({ code, outcome: outputs.outcome }).toEqual({ code: 0, outcome: 'skipped' });
  expect(stdout).toContain('/metrics, 4 times per sample');
  expect(stdout).toContain('Requests that failed: at most 1 %, broken at evidence 200');
  expect(app?.connections()).toBe(0);
});

test('cancelled, it ends at once and says so', async () => {
  await start({});
  const cancel: NonNullable<BundleRun['started']> = (child) =>
    void app?.requested().then(() => child.kill('SIGINT'));
  const { code, outputs, errors } = await watch(scrape.replace('2s', '10m'), {}, { started: cancel });
  expect({ code, outcome: outputs.outcome }).toEqual({ code: 1, outcome: 'failed' });
  expect(errors).toEqual([expect.stringContaining('watch-metrics was cancelled during the watch')]);
});
