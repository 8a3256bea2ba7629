import type { Evidence, WatchedMetric } from '@slipway/release';

function metric(
  id: string,
  title: string,
  objective: number,
  fractions: (number | null)[],
  rest: Partial<WatchedMetric> = {},
): WatchedMetric {
  const bad = fractions.reduce<number>((sum, fraction) => sum + Math.round((fraction ?? 0) * 1500), 0);
  return {
    id,
    title,
    objective,
    state: 'met',
    wealth: 0.34,
    bar: 200,
    events: fractions.length * 1500,
    bad,
    detail: '',
    points: fractions.map((fraction, look) => [look * 15, fraction]),
    ...rest,
  };
}

const quiet = (look: number, around: number): number =>
  around * (0.4 + Math.abs(Math.sin(look * 1.7) + Math.sin(look * 0.31)));

/** What a watch of half an hour saw that met its objectives, or one that broke the first after two minutes. */
export function watchOf(broken: boolean): Evidence {
  const looks = Array.from({ length: broken ? 9 : 120 }, (_, look) => look);
  const errors = looks.map((look) =>
    broken && look > 4 ? 0.09 + look / 150 : look === 40 ? null : quiet(look, 0.0012),
  );
  const slow = looks.map((look) => quiet(look, 0.009));
  return {
    kind: 'watch',
    seconds: broken ? 130 : 1800,
    metrics: [
      metric(
        'errors',
        'Requests that failed',
        0.01,
        errors,
        broken
          ? {
              state: 'broken',
              wealth: 431,
              detail: 'Reached the bar after 2 min 10 s; backend-2 answered 500 on POST /api/events.',
            }
          : {},
      ),
      metric('p95', 'Requests slower than 1 s', 0.05, slow),
      metric('projection_failures_total', 'projection_failures_total', 0, [], {
        events: 0,
        bad: 0,
        wealth: 0,
        bar: 0,
        detail: 'Did not grow.',
      }),
    ],
  };
}
