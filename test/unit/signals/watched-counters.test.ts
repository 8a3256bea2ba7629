import { expect, test } from '@jest/globals';
import { UserError } from '@slipway/kernel';
import { watchedCounters } from '@slipway/signals';
import { config } from './watched-pages.ts';

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
  expect(p95?.explainMissing(of('c', ['1', 4], ['', 4]))).toContain('no bucket of lat reaches up to 2 s');
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

test('requests for the metrics page are not traffic', () => {
  const [errors] = watchedCounters(config, ['/internal/stats']);
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
  const metrics = { ...config.metrics, 'must-not-increase': ['lost{kind="x"}'] };
  expect(() => watchedCounters({ ...config, metrics })).toThrow(UserError);
});
