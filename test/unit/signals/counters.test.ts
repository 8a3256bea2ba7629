import { describe, expect, test } from '@jest/globals';
import { CounterHistory } from '../../../packages/signals/src/watch/counter-history.ts';
import { sampleOf } from './watched-pages.ts';

const deployedAt = 1000;
const watchStartedAt = 1100;

/** What the pages of one counter come to; a page is [instance, start of the process, time, value or none]. */
function growth(...pages: [string | null, number | null, number, number | null][]): number {
  const history = new CounterHistory({ deployedAt, watchStartedAt, names: new Set(['c']) });
  return pages
    .flatMap(([instance, startedAt, at, value]) =>
      history.add({
        instance,
        target: 't',
        startedAt,
        at,
        samples: value === null ? [] : [sampleOf('c', value)],
      }),
    )
    .reduce((sum, { by }) => sum + by, 0);
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
      'a restart that only the decrease shows',
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

  test('is not guessed where replicas cannot be distinguished', () => {
    const history = new CounterHistory({ deployedAt, watchStartedAt, names: new Set(['c']) });
    const page = { instance: null, target: 't', startedAt: null };
    const values = [70, 4, 71];
    const grew = values.map((value, at) =>
      history.add({ ...page, at: 1101 + at, samples: [sampleOf('c', value)] }),
    );
    expect(grew[1]).toEqual([expect.objectContaining({ name: 'c', by: 0 })]);
    expect([...history.ambiguous]).toEqual(['t']);
  });
});
