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
    points: fractions.map((fraction, sample) => [sample * 15, fraction]),
    ...rest,
  };
}

const quiet = (sample: number, around: number): number =>
  around * (0.4 + Math.abs(Math.sin(sample * 1.7) + Math.sin(sample * 0.31)));

/** What a watch of half an hour saw that met its objectives, or one that broke the first after two minutes. */
export function watchOf(broken: boolean): Evidence {
  const samples = Array.from({ length: broken ? 9 : 120 }, (_, sample) => sample);
  const errors = samples.map((sample) =>
    broken && sample > 4 ? 0.09 + sample / 150 : sample === 40 ? null : quiet(sample, 0.0012),
  );
  const slow = samples.map((sample) => quiet(sample, 0.009));
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
