import { describe, expect, test } from '@jest/globals';
import { recordMetric } from '@slipway/signals';
import { fine, times, watch } from './watched-pages.ts';

describe('the verdict', () => {
  test.each<[string, Parameters<typeof watch>[0], string, RegExp, number]>([
    [
      'a healthy release',
      times(30, fine),
      'met',
      /^requests that failed: 0 \(0 %, objective 1 %\), requests slower than 2 s: 0 \(0 %, objective 5 %\), lost did not increase$/,
      29,
    ],
    [
      'one error in few requests is chance, and is said',
      [...times(2, fine), { requests: 20, errors: 1 }, ...times(2, fine)],
      'met',
      /1 \(1 %, objective 1 %\)/,
      4,
    ],
    [
      'every fifth request fails',
      [...times(5, fine), ...times(25, { requests: 20, errors: 4 })],
      'broken',
      /^Requests that failed: \d+ of \d+ \(\d+ %, objective 1 %\), first seen 5 s into the watch; evidence \d+, threshold 200$/,
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
      /^lost increased by 1, first seen 3 s into the watch; it must not increase$/,
      3,
    ],
    [
      'what must not grow was there before the first sample',
      [{ ...fine, lost: 2 }],
      'broken',
      /^lost increased by 2/,
      0,
    ],
    [
      'the application goes away',
      [...times(3, fine), ...times(5, null)],
      'broken',
      /^the application stopped answering: t: connection refused \(3 samples in a row\)$/,
      5,
    ],
    ['it fails briefly and recovers', [...times(3, fine), null, null, ...times(3, fine)], 'met', /./, 7],
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
      /^only 9 of at least 10 requests were counted$/,
      2,
    ],
    [
      'a histogram of another name',
      times(3, { ...fine, without: 'lat' }),
      'no-evidence',
      /^no data for "Requests slower than 2 s": there is no histogram lat; check watch.metrics.latency$/,
      2,
    ],
    [
      'a histogram without its buckets',
      times(3, { ...fine, without: 'lat_bucket' }),
      'no-evidence',
      /there is no histogram lat/,
      2,
    ],
    [
      'a counter that is not there',
      times(3, { ...fine, without: 'lost' }),
      'no-evidence',
      /^no data for "lost": there is no counter lost; check the name, and that it is exported as 0/,
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
    expect({ state: verdict.state, at: moment.atSeconds }).toEqual({ state, at });
    expect('why' in verdict ? verdict.why : 'metrics' in verdict && verdict.metrics).toMatch(why);
  });

  test('is recorded with numbers, the charts within bounds', () => {
    const { state, moment } = watch(times(1000, fine));
    const [errors, slow, lost] = state.metrics.map((metric) => recordMetric(metric, moment));
    expect(errors).toMatchObject({
      id: 'errors',
      state: 'met',
      objective: 0.01,
      bar: 200,
      events: 20_000,
      bad: 0,
    });
    expect(errors?.points.length).toBeLessThanOrEqual(120);
    expect(slow?.detail).toBe(
      '2 s is not a bucket bound; requests slower than 2.5 s, the next bound, are counted.',
    );
    expect(lost).toMatchObject({ id: 'lost', state: 'met', bar: 0, points: [] });
  });
});
