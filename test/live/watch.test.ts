import { EventEmitter, once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { Cancelled, type Clock, directHttp, type Http, systemClock } from '@slipway/kernel';
import { beginRelease } from '@slipway/release';
import { type Prometheus, startPrometheus } from '@slipway/test-services';
import { planWatch } from '../../actions/watch-metrics/src/plan.ts';
import { watch } from '../../actions/watch-metrics/src/watch.ts';
import { type MetricsApp, startMetricsApp } from '../support/metrics-app.ts';
import { type PageServer, servePages } from '../support/pages.ts';

const lines: string[] = [];
const samples = new EventEmitter();
const log = {
  info: (line: string) => {
    lines.push(line);
    if (line.startsWith('watch ')) samples.emit('logged');
  },
  warn: (line: string) => void lines.push(line),
  debug: () => undefined,
  annotate: () => undefined,
  group: <T>(_title: string, body: () => Promise<T>) => body(),
};
const record = beginRelease({
  id: '2-7',
  app: 'docsense',
  environment: 'production',
  version: '2',
  commit: '',
});

/** Resolves when a watch has logged its first sample. */
const firstSample = (): Promise<unknown> => once(samples, 'logged');

/** Runs a watch of the real sources as the action does. */
async function watched(
  section: string,
  since = '',
  signal = new AbortController().signal,
  { clock, http }: { clock: Clock; http: Http } = { clock: systemClock, http: directHttp },
) {
  lines.length = 0;
  const text = `app: docsense\nservices: {backend: {image: a/b}}\nwatch: ${section}`;
  const config = loadConfig({
    file: 'slipway.yml',
    text,
    environment: 'production',
    env: {},
    uses: ['watch'],
  });
  const plan = planWatch({ watch: config.watch, record, since, http, clock });
  const { verdict, moment } = await watch(plan, { clock, signal, log });
  const [errors] = plan.state.metrics;
  const why = 'why' in verdict ? verdict.why : '';
  return { state: verdict.state, why, at: moment.atSeconds, requests: errors?.events ?? 0 };
}

/** Time that passes only when something sleeps, or when `advance` says so. */
function virtualClock(): { clock: Clock; advance(ms: number): void } {
  let elapsed = 0;
  const advance = (ms: number): void => {
    elapsed += ms;
  };
  const begun = Date.now();
  const sleep = async (ms: number): Promise<void> => advance(ms);
  return { clock: { now: () => new Date(begun + elapsed), monotonic: () => elapsed, sleep }, advance };
}

describe('from Prometheus', () => {
  const jobs = ['healthy', 'failing', 'losing', 'leaving'] as const;
  const apps = {} as Record<(typeof jobs)[number], MetricsApp>;
  let prometheus: Prometheus;
  let since: string;

  beforeAll(async () => {
    since = new Date().toISOString();
    for (const job of jobs) apps[job] = await startMetricsApp(job === 'losing' ? {} : { lost: 0 });
    const targets = jobs.map((job) => ({ job, urls: [apps[job].metrics] }));
    prometheus = await startPrometheus({ targets, scrapeInterval: '500ms' });
    await Promise.all(jobs.map((job) => scraped(job)));
  }, 30_000);
  afterAll(async () => {
    await Promise.all(Object.values(apps).map((app) => app.close()));
    await prometheus?.stop();
  });

  /** Resolves once two scrapes of a job are in the database. */
  async function scraped(job: string): Promise<void> {
    const query = new URLSearchParams({
      query: `count_over_time(http_requests_total{job="${job}"}[1m]) > 1`,
    });
    for (;;) {
      const reply = await fetch(`${prometheus.url}/api/v1/query?${query}`);
      const { data } = (await reply.json()) as { data: { result: unknown[] } };
      if (data.result.length > 0) return;
      await systemClock.sleep(100);
    }
  }

  const of = (job: string, lasts = '20s', rest = '') =>
    `{for: ${lasts}, every: 300ms, metrics: {must-not-increase: [jobs_lost_total]}, prometheus: {url: "${prometheus.url}/", matchers: 'job="${job}"'}${rest}}`;

  test('a healthy release passes, its first requests counted', async () => {
    const seen = await watched(of('healthy', '3s'), since);
    expect(seen).toMatchObject({ state: 'met', why: '' });
    // 200 a second since the application was started, which was before the watch began.
    expect(seen.requests).toBeGreaterThan(200 * 5);
  });

  test('what old processes counted before the watch is not the blame of the release', async () => {
    const seen = await watched(of('healthy', '2s'));
    expect(seen.state).toBe('met');
    expect(seen.requests).toBeLessThan(200 * 4);
  });

  test('every fifth request fails: found before the end', async () => {
    apps.failing.behave({ lost: 0, errors: 0.2 });
    const seen = await watched(of('failing'));
    expect(seen).toMatchObject({ state: 'broken', why: expect.stringContaining('Requests that failed') });
  });

  test('a counter that is born at 1 has grown by 1', async () => {
    const watching = watched(of('losing'));
    // A scrape that was under way when the watch began still shows the time before it: the second shows the time after it.
    await apps.losing.requested();
    await apps.losing.requested();
    apps.losing.behave({ lost: 1 });
    expect(await watching).toMatchObject({
      state: 'broken',
      why: expect.stringMatching(/^jobs_lost_total increased by 1,/),
    });
  });

  test('the application goes down', async () => {
    const watching = watched(of('leaving'));
    await firstSample();
    await apps.leaving.close();
    const { state, why } = await watching;
    expect({ state, why }).toEqual({ state: 'broken', why: expect.stringContaining('stopped answering') });
    expect(why).toContain('up is 0 for all 1 instances');
  });

  test.each([
    [
      'nothing matches',
      'job="nobody"',
      /^nothing could be read from .*: it has no values of http_requests_total, /,
    ],
    [
      'the query is none',
      'job=',
      /^nothing could be read from .*: Prometheus answered with status 400: .*parse error/,
    ],
  ])('no evidence: %s', async (_name, matchers, why) => {
    const section = `{for: 600ms, every: 300ms, prometheus: {url: "${prometheus.url}", matchers: '${matchers}'}}`;
    expect(await watched(section)).toMatchObject({ state: 'no-evidence', why: expect.stringMatching(why) });
  });

  test('no evidence: Prometheus, protected by a password, warns that data may be missing', async () => {
    const partial = await servePages(({ headers }, response) => {
      const known = headers.authorization === `Basic ${btoa('slip:Kw7pLm2Qx')}`;
      if (!known) return response.writeHead(401).end('who is it?');
      response.end(
        '{"status":"success","warnings":["a store is down"],"data":{"resultType":"matrix","result":[]}}',
      );
    });
    const url = partial.url.replace('//', '//slip:Kw7pLm2Qx@');
    const seen = await watched(`{for: 600ms, every: 300ms, prometheus: {url: "${url}"}}`);
    await partial.close();
    expect(seen).toMatchObject({
      state: 'no-evidence',
      why: expect.stringContaining('data may be missing: a store is down'),
    });
    expect(`${seen.why} ${lines.join()}`).not.toContain('Kw7pLm2Qx');
  });

  test('no evidence: Prometheus is down, and that is not the blame of the release', async () => {
    const seen = await watched('{for: 1200ms, every: 300ms, prometheus: {url: "http://127.0.0.1:9"}}');
    expect(seen).toMatchObject({
      state: 'no-evidence',
      why: expect.stringContaining('Prometheus at http://127.0.0.1:9 did not answer: connection refused'),
    });
  });
});

describe('from the pages of the application', () => {
  const servers: PageServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  test('two replicas at one address are distinguished by the start of their process', async () => {
    const requests = [900, 5];
    const server = await servePages((_request, response, nth) => {
      const replica = nth % 2;
      requests[replica] = (requests[replica] ?? 0) + 10;
      response.end(
        [
          `http_requests_total{status="200"} ${requests[replica]}`,
          `http_requests_total{status="500"} ${replica === 0 ? 100 : 0}`,
          `http_request_duration_seconds_bucket{le="1"} ${requests[replica]}`,
          `http_request_duration_seconds_count ${requests[replica]}`,
          `process_start_time_seconds ${1000 + replica * 60}`,
        ].join('\n'),
      );
    });
    servers.push(server);
    const seen = await watched(`{for: 1s, every: 200ms, scrape: {urls: ["${server.url}"]}}`);
    expect(seen).toMatchObject({ state: 'met', requests: (6 * 4 - 2) * 10 });
  });

  test('without anything to distinguish them there is no evidence', async () => {
    const server = await servePages((_request, response, nth) => {
      response.end(`http_requests_total{status="500"} ${nth % 2 === 0 ? 900 : nth}`);
    });
    servers.push(server);
    const seen = await watched(`{for: 400ms, every: 200ms, scrape: {urls: ["${server.url}"]}}`);
    expect(seen).toMatchObject({
      state: 'no-evidence',
      why: expect.stringContaining('names neither an instance nor'),
    });
  });

  test('the samples keep their cadence, however slow the pages', async () => {
    const server = await servePages((_request, response) => {
      response.end('http_requests_total{status="200"} 1');
    });
    servers.push(server);
    const { clock, advance } = virtualClock();
    const times: number[] = [];
    const http: Http = {
      ...directHttp,
      async send(request) {
        times.push(clock.monotonic());
        advance(60);
        return directHttp.send(request);
      },
    };
    const section = `{for: 2s, every: 200ms, scrape: {urls: ["${server.url}"], samples: 1}}`;
    await watched(section, '', new AbortController().signal, { clock, http });
    expect(times.length).toBeGreaterThan(8);
    expect(times).toEqual(times.map((_time, nth) => (times[0] ?? 0) + nth * 200));
  });

  test.each([
    ['in the middle of an answer', false],
    ['between two samples', true],
  ])('it can be cancelled %s', async (_name, answers) => {
    const server = await servePages((_request, response) => void (answers && response.end('a 1')));
    servers.push(server);
    const cancel = new AbortController();
    const watching = watched(
      `{for: 10m, every: 1m, scrape: {urls: ["${server.url}"], samples: 1}}`,
      '',
      cancel.signal,
    );
    watching.catch(() => undefined);
    await (answers ? firstSample() : server.requested());
    cancel.abort();
    await expect(watching).rejects.toThrow(Cancelled);
  });
});
