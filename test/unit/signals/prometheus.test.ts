import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ScrapeLiveness } from '../../../packages/signals/src/sources/prometheus/liveness.ts';
import { pagesOf } from '../../../packages/signals/src/sources/prometheus/pages.ts';
import { splitPage } from '../../../packages/signals/src/sources/scrape/source.ts';
import { parsePrometheusText } from '../../../packages/signals/src/sources/scrape/text-format.ts';

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
    expect(parsePrometheusText(text, String)).toEqual([
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
    ['', 'the page has no values'],
    ['# nothing here\n', 'the page has no values'],
  ])('is not %j', (text, why) => expect(() => parsePrometheusText(text, String)).toThrow(why));

  test('gives back whatever labels were written', () => {
    const written = (text: string) => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
    const value = fc.string().filter((text) => !text.includes('\r'));
    fc.assert(
      fc.property(value, fc.double({ noNaN: true }), (text, number) => {
        const line = `m{a="${written(text)}"} ${String(number).replace('Infinity', 'Inf')}`;
        const [sample] = parsePrometheusText(line, String);
        return sample?.labels.a === text && sample.value === number;
      }),
    );
  });
});

test('a page is split by instance, each with its own start', () => {
  const text = 'c{instance="a"} 1\nprocess_start_time_seconds{instance="a"} 5\nc{instance="b"} 2\nup 1\n';
  expect(
    splitPage(parsePrometheusText(text, String), 't', 9, 'instance').map(({ instance, startedAt }) => [
      instance,
      startedAt,
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
  expect(pages.map(({ at, startedAt, samples }) => [at, startedAt, samples.length])).toEqual([
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
    const liveness = new ScrapeLiveness(1);
    expect(liveness.update([up('a', [10, 1], [15, 1]), up('b', [10, 1], [15, 0])], 16)).toEqual({
      state: 'alive',
    });
    expect(liveness.update([up('a', [15, 1]), up('b', [15, 0])], 17)).toEqual({ state: 'unchanged' });
    expect(liveness.update([up('a', [20, 0]), up('b', [20, 0])], 21)).toEqual({
      state: 'down',
      why: 'up is 0 for all 2 instances',
    });
  });
  test('is gone when the samples stop', () => {
    const liveness = new ScrapeLiveness(1);
    liveness.update([up('a', [10, 1], [15, 1])], 16);
    expect(liveness.update([up('a', [15, 1])], 30)).toEqual({ state: 'unchanged' });
    expect(liveness.update([], 40)).toEqual({ state: 'down', why: 'no new value for 25 s' });
  });
});
