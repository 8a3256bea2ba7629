import { describe, expect, test } from '@jest/globals';
import { UserError } from '@slipway/kernel';
import { judge, recordMetric, WatchCourse, type WatchOptions, watchedCounters } from '@slipway/signals';
import fc from 'fast-check';
import { CounterLedger } from '../../packages/signals/src/counter-ledger.ts';
import type { Look, Page } from '../../packages/signals/src/page.ts';
import { Pulse, pagesOf } from '../../packages/signals/src/prometheus-pages.ts';
import { parsePrometheusText, type Sample } from '../../packages/signals/src/prometheus-text.ts';
import { splitPage } from '../../packages/signals/src/scrape-source.ts';

describe('the Prometheus text format', () => {
  test('is read: labels, escapes, exponents, special values, time stamps, exemplars', () => {
    const text = [
      '# HELP a_total Something.',
      '# TYPE a_total counter',
      'a_total 3',
      'a_total{path="/a b",say="\\"hi\\" \\\\ \\n",} 1.5e3 1700000000000',
      'b_bucket{le="+Inf"} 7 # {trace_id="x"} 0.5',
      '  c{x="1",y="{,} # {"} NaN',
      '',
    ].join('\n');
    expect(parsePrometheusText(text)).toEqual([
      { name: 'a_total', labels: {}, value: 3 },
      { name: 'a_total', labels: { path: '/a b', say: '"hi" \\ \n' }, value: 1500 },
      { name: 'b_bucket', labels: { le: '+Inf' }, value: 7 },
      { name: 'c', labels: { x: '1', y: '{,} # {' }, value: Number.NaN },
    ]);
  });

  test.each([
    ['<!doctype html>', 'line 1 is not in the Prometheus text format: <!doctype html>'],
    ['a 1\nb', 'line 2'],
    ['a one', 'line 1'],
    ['a 0x10', 'line 1'],
    ['a{b="1" 2', 'line 1'],
    ['a{b=1} 2', 'line 1'],
    ['a{b="1",b="2"} 2', 'line 1'],
    ['a{b="1"c="2"} 2', 'line 1'],
    ['a{,} 2', 'line 1'],
    ['{"status":"ok"}', 'line 1'],
    ['', 'the page holds no sample'],
    ['# nothing here\n', 'the page holds no sample'],
  ])('is not %j', (text, why) => expect(() => parsePrometheusText(text)).toThrow(why));

  test('gives back whatever labels were written', () => {
    const written = (text: string) => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
    const value = fc.string().filter((text) => !text.includes('\r'));
    fc.assert(
      fc.property(value, fc.double({ noNaN: true }), (text, number) => {
        const line = `m{a="${written(text)}"} ${String(number).replace('Infinity', 'Inf')}`;
        const [sample] = parsePrometheusText(line);
        return sample?.labels.a === text && sample.value === number;
      }),
    );
  });
});

const since = 1000;
const begin = 1100;

/** What the pages of one counter come to; a page is [instance, start of the process, time, value or none]. */
function growth(...pages: [string | null, number | null, number, number | null][]): number {
  const ledger = new CounterLedger({ since, begin, wanted: new Set(['c']) });
  return pages
    .flatMap(([instance, started, at, value]) =>
      ledger.take({
        instance,
        target: 't',
        started,
        at,
        samples: value === null ? [] : [sample('c', value)],
      }),
    )
    .reduce((sum, { by }) => sum + by, 0);
}

function sample(name: string, value: number, labels: Record<string, string> = {}): Sample {
  return { name, labels, value };
}

describe('how much a counter grew', () => {
  test.each<[string, Parameters<typeof growth>, number]>([
    [
      'an old process: its past does not count',
      [
        ['a', 500, 1101, 70],
        ['a', 500, 1102, 75],
      ],
      5,
    ],
    [
      'a new process: its first page counts whole',
      [
        ['a', 1050, 1101, 3],
        ['a', 1050, 1102, 5],
      ],
      5,
    ],
    [
      'a new process before the watch began counts too',
      [
        ['a', 1050, 1060, 3],
        ['a', 1050, 1102, 5],
      ],
      5,
    ],
    [
      'an old process before the watch began does not',
      [
        ['a', 500, 1060, 3],
        ['a', 500, 1090, 50],
        ['a', 500, 1102, 51],
      ],
      1,
    ],
    [
      'born at 1 on a page that was seen without it',
      [
        ['a', 500, 1101, null],
        ['a', 500, 1102, 1],
      ],
      1,
    ],
    [
      'of two processes, each its own',
      [
        ['a', 500, 1101, 70],
        ['b', 500, 1101, 9],
        ['a', 500, 1102, 71],
        ['b', 500, 1102, 10],
      ],
      2,
    ],
    [
      'a restart under the same name',
      [
        ['a', 500, 1101, 70],
        ['a', 1200, 1201, 80],
      ],
      80,
    ],
    [
      'a restart that nothing tells of but the fall',
      [
        ['a', null, 1101, 70],
        ['a', null, 1102, 4],
      ],
      4,
    ],
    [
      'pages that overtook each other',
      [
        ['a', 500, 1101, 70],
        ['a', 500, 1102, 75],
        ['a', 500, 1102, 74],
        ['a', 500, 1103, 76],
      ],
      6,
    ],
    [
      'the same samples, read twice',
      [
        ['a', 1050, 1101, 3],
        ['a', 1050, 1102, 5],
        ['a', 1050, 1101, 3],
        ['a', 1050, 1102, 5],
      ],
      5,
    ],
    [
      'a start time that wobbles is one process',
      [
        ['a', 500.2, 1101, 70],
        ['a', 501.4, 1102, 71],
      ],
      1,
    ],
    [
      'an instance that appeared where others were before',
      [
        ['a', null, 950, 70],
        ['b', null, 1101, 3],
      ],
      3,
    ],
    [
      'an instance of which nobody knows since when',
      [
        ['b', null, 1101, 3],
        ['b', null, 1102, 4],
      ],
      1,
    ],
    [
      'what is not a count',
      [
        ['a', 1050, 1101, Number.NaN],
        ['a', 1050, 1102, -1],
      ],
      0,
    ],
  ])('%s', (_name, pages, grew) => expect(growth(...pages)).toBe(grew));

  test('is not guessed where replicas cannot be told apart', () => {
    const ledger = new CounterLedger({ since, begin, wanted: new Set(['c']) });
    const page = { instance: null, target: 't', started: null };
    const values = [70, 4, 71];
    const grew = values.map((value, at) =>
      ledger.take({ ...page, at: 1101 + at, samples: [sample('c', value)] }),
    );
    expect(grew[1]).toEqual([expect.objectContaining({ name: 'c', by: 0 })]);
    expect([...ledger.ambiguous]).toEqual(['t']);
  });
});

test('a page is split by instance, each with its own start', () => {
  const text = 'c{instance="a"} 1\nprocess_start_time_seconds{instance="a"} 5\nc{instance="b"} 2\nup 1\n';
  expect(
    splitPage(parsePrometheusText(text), 't', 9, 'instance').map(({ instance, started }) => [
      instance,
      started,
    ]),
  ).toEqual([
    ['a', 5],
    ['b', null],
    [null, null],
  ]);
});

test('raw samples are put back together into the pages they came from', () => {
  const labels = { job: 'j', instance: 'a:1' };
  const pages = pagesOf(
    [
      {
        labels: { ...labels, __name__: 'c', status: '200' },
        values: [
          [10, 1],
          [11, 2],
        ],
      },
      { labels: { ...labels, __name__: 'process_start_time_seconds' }, values: [[11, 5]] },
      { labels: { ...labels, __name__: 'up' }, values: [[11, 1]] },
    ],
    't',
  );
  expect(pages.map(({ at, started, samples }) => [at, started, samples.length])).toEqual([
    [10, null, 1],
    [11, 5, 2],
  ]);
});

describe('the pulse in Prometheus', () => {
  const up = (instance: string, ...values: [number, number][]) => ({
    labels: { __name__: 'up', instance },
    values,
  });
  test('is there while one instance is up', () => {
    const pulse = new Pulse(1);
    expect(pulse.feel([up('a', [10, 1], [15, 1]), up('b', [10, 1], [15, 0])], 16)).toEqual({ alive: true });
    expect(pulse.feel([up('a', [15, 1]), up('b', [15, 0])], 17)).toEqual({ alive: null });
    expect(pulse.feel([up('a', [20, 0]), up('b', [20, 0])], 21)).toEqual({
      alive: false,
      why: 'up is 0 for all 2 instances',
    });
  });
  test('is gone when the samples stop', () => {
    const pulse = new Pulse(1);
    pulse.feel([up('a', [10, 1], [15, 1])], 16);
    expect(pulse.feel([up('a', [15, 1])], 30)).toEqual({ alive: null });
    expect(pulse.feel([], 40)).toEqual({ alive: false, why: 'no sample for 25 s' });
  });
});

const config = {
  metrics: { requests: 'req', 'status-label': 'status', latency: 'lat', never: ['lost'] },
  slo: { errors: 0.01, p95: 2000 },
};

interface Seconds {
  requests?: number;
  errors?: number;
  slow?: number;
  lost?: number;
  /** What the page does not show at all. */
  without?: string;
}

/** A watch over pages of one new process, one a second; null is a second without an answer. */
function watch(seconds: readonly (Seconds | null | 'unreadable')[], rest: Partial<WatchOptions> = {}) {
  const counters = watchedCounters(config);
  const series = ['req', 'lat_bucket', 'lat_count', 'lost'];
  const course = new WatchCourse({
    counters,
    series,
    targets: ['t'],
    looks: seconds.length,
    falseAlarms: 0.01,
    since: 1000,
    begin: 1000,
    ...rest,
  });
  const total = { requests: 0, errors: 0, slow: 0, lost: 0 };
  for (const [at, second] of seconds.entries()) {
    const over = at === seconds.length - 1;
    if (second && second !== 'unreadable')
      for (const key of ['requests', 'errors', 'slow', 'lost'] as const) total[key] += second[key] ?? 0;
    course.take(lookAt(second, total, at), at);
    const moment = { at, every: 1, over, atLeast: 10 };
    const verdict = judge(course, moment);
    if (verdict.state !== 'going-on' || over) return { course, verdict, moment };
  }
  throw new Error('no look');
}

function lookAt(
  second: Seconds | null | 'unreadable',
  total: Required<Omit<Seconds, 'without'>>,
  at: number,
): Look {
  const nothing: Look = { pages: [], answered: [], silent: [], unreadable: [] };
  if (second === null) return { ...nothing, silent: [{ target: 't', why: 'connection refused' }] };
  if (second === 'unreadable') return { ...nothing, unreadable: [{ target: 't', why: 'status 503' }] };
  const { requests, errors, slow, lost } = total;
  const samples = [
    sample('req', requests - errors, { status: '200' }),
    sample('req', errors, { status: '500' }),
    sample('lat_bucket', requests - slow, { le: '2.5' }),
    sample('lat_bucket', requests - slow, { le: '1' }),
    sample('lat_count', requests),
    sample('lost', lost),
  ].filter(({ name }) => !second.without || !name.startsWith(second.without));
  const page: Page = { instance: 'a', target: 't', started: 1000, at: 1000 + at, samples };
  return { ...nothing, pages: [page], answered: ['t'] };
}

const times = (count: number, second: Seconds | null | 'unreadable') =>
  Array.from({ length: count }, () => second);
const fine = { requests: 20 };

describe('the verdict', () => {
  test.each<[string, Parameters<typeof watch>[0], string, RegExp, number]>([
    [
      'all is well',
      times(30, fine),
      'kept',
      /^requests that failed: 0 \(0 %, objective 1 %\), requests slower than 2 s: 0 \(0 %, objective 5 %\), lost did not grow$/,
      29,
    ],
    [
      'one error in few requests is chance, and is said',
      [...times(2, fine), { requests: 20, errors: 1 }, ...times(2, fine)],
      'kept',
      /1 \(1 %, objective 1 %\)/,
      4,
    ],
    [
      'every fifth request fails',
      [...times(5, fine), ...times(25, { requests: 20, errors: 4 })],
      'broken',
      /^Requests that failed: \d+ of \d+ \(\d+ %, objective 1 %\), first seen 5 s into the watch; evidence \d+ against a bar of 200$/,
      9,
    ],
    [
      'every request fails from the first',
      times(30, { requests: 20, errors: 20 }),
      'broken',
      /^Requests that failed: 60 of 60/,
      2,
    ],
    [
      'every third request is slow',
      times(30, { requests: 21, slow: 7 }),
      'broken',
      /^Requests slower than 2 s: \d+ of \d+ \(33 %, objective 5 %\)/,
      8,
    ],
    [
      'what must not grow grew by one',
      [...times(3, fine), { ...fine, lost: 1 }, ...times(3, fine)],
      'broken',
      /^lost grew by 1, first seen 3 s into the watch; it must not grow at all$/,
      3,
    ],
    [
      'what must not grow was there before the first look',
      [{ ...fine, lost: 2 }],
      'broken',
      /^lost grew by 2/,
      0,
    ],
    [
      'the application goes away',
      [...times(3, fine), ...times(5, null)],
      'broken',
      /^the application stopped answering: t: connection refused \(3 looks in a row\)$/,
      5,
    ],
    ['it stumbles and comes back', [...times(3, fine), null, null, ...times(3, fine)], 'kept', /./, 7],
    [
      'it never answered',
      times(9, null),
      'no-evidence',
      /^nothing could be read from t: connection refused$/,
      8,
    ],
    [
      'the source went away',
      [...times(3, fine), ...times(9, 'unreadable')],
      'no-evidence',
      /^the last numbers from t are 9 s old: status 503; no data for "Requests that failed" in the last 9 s/,
      11,
    ],
    [
      'nobody came',
      times(9, {}),
      'no-evidence',
      /^no data for "Requests that failed": no request was counted during the watch; no data for "Requests slower/,
      8,
    ],
    [
      'too few came',
      times(3, { requests: 3 }),
      'no-evidence',
      /^only 9 of at least 10 requests were seen$/,
      2,
    ],
    [
      'a histogram of another name',
      times(3, { ...fine, without: 'lat' }),
      'no-evidence',
      /^no data for "Requests slower than 2 s": there is no histogram lat: is the name right\?$/,
      2,
    ],
    [
      'buckets that end too early',
      times(3, { ...fine, without: 'lat_bucket' }),
      'no-evidence',
      /there is no histogram lat/,
      2,
    ],
    [
      'a counter that is not there',
      times(3, { ...fine, without: 'lost' }),
      'no-evidence',
      /^no data for "lost": there is no counter lost: is the name right, and is it there with 0/,
      2,
    ],
    [
      'a metric that vanishes on the way',
      [...times(3, fine), ...times(9, { ...fine, without: 'req' })],
      'no-evidence',
      /^no data for "Requests that failed" in the last 9 s$/,
      11,
    ],
  ])('%s', (_name, seconds, state, why, at) => {
    const { verdict, moment } = watch(seconds);
    expect({ state: verdict.state, at: moment.at }).toEqual({ state, at });
    expect('why' in verdict ? verdict.why : 'metrics' in verdict && verdict.metrics).toMatch(why);
  });

  test('is kept with numbers for the record, the charts within bounds', () => {
    const { course, moment } = watch(times(1000, fine));
    const [errors, slow, lost] = course.metrics.map((metric) => recordMetric(metric, moment));
    expect(errors).toMatchObject({
      id: 'errors',
      state: 'kept',
      objective: 0.01,
      bar: 200,
      events: 20_000,
      bad: 0,
    });
    expect(errors?.points.length).toBeLessThanOrEqual(120);
    expect(slow?.detail).toBe(
      '2 s is not a bucket bound; counted are those slower than 2.5 s, the next one.',
    );
    expect(lost).toMatchObject({ id: 'lost', state: 'kept', bar: 0, points: [] });
  });
});

test('histograms with different buckets are each judged by their own bound', () => {
  const p95 = watchedCounters(config)[1];
  const of = (service: string, ...counts: [string, number][]) =>
    counts.map(([le, by]) => ({
      process: 'a',
      name: le === '' ? 'lat_count' : 'lat_bucket',
      labels: { service, ...(le === '' ? {} : { le }) },
      by,
    }));
  const increases = [
    ...of('a', ['1', 9], ['2', 10], ['', 10]),
    ...of('b', ['5', 9], ['+Inf', 10], ['', 10]),
    ...of('c', ['1', 4], ['', 4]),
  ];
  expect(p95?.count(increases)).toEqual({ events: 20, bad: 1 });
  expect(p95?.lacking(of('c', ['1', 4], ['', 4]))).toContain('no bucket of lat reaches up to 2 s');
});

test('two versions of a histogram with different buckets are two histograms', () => {
  const p95 = watchedCounters(config)[1];
  const increase = (process: string, le: string, by: number) => ({
    process,
    name: le === '' ? 'lat_count' : 'lat_bucket',
    labels: le === '' ? {} : { le },
    by,
  });
  const old = [increase('old', '5', 10), increase('old', '', 10)];
  const fresh = [increase('new', '2', 4), increase('new', '', 4)];
  expect(p95?.count([...old, ...fresh])).toEqual({ events: 14, bad: 0 });
});

test('requests for the metrics page are no traffic', () => {
  const scrape = { urls: ['http://a.example.com/internal/stats'], samples: 4, 'instance-label': 'instance' };
  const [errors] = watchedCounters({ ...config, scrape });
  const of = (route: string, by: number) => ({
    process: 'a',
    name: 'req',
    labels: { route, status: '200' },
    by,
  });
  expect(errors?.count([of('/metrics', 5), of('/internal/stats', 5), of('/documents', 2)])).toEqual({
    events: 2,
    bad: 0,
  });
  expect(errors?.count([of('/metrics', 5)])).toEqual({ events: 0, bad: 0 });
});

test('names that are none are refused', () => {
  const metrics = { ...config.metrics, never: ['lost{kind="x"}'] };
  expect(() => watchedCounters({ ...config, metrics })).toThrow(UserError);
});
