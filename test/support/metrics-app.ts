import { type PageServer, servePages } from './pages.ts';

/** An application with a metrics page: how many requests it has answered follows from the time since its start. */
export interface MetricsApp extends PageServer {
  /** Address of the metrics page. */
  metrics: string;
  /** How it behaves from now on. */
  behave(as: Behaviour): void;
}

export interface Behaviour {
  /** Fraction of the requests that are answered with 500. */
  errors?: number;
  /** Fraction of the requests that take longer than a second. */
  slow?: number;
  /** What `jobs_lost_total` is; without it the counter is not on the page. */
  lost?: number;
  /** Answers the page itself with this status. */
  status?: number;
}

const perSecond = 200;

/** A real server; its requests are counted, not sent. It started now, so its first requests are of this release. */
export async function startMetricsApp(first: Behaviour = {}): Promise<MetricsApp> {
  const started = Date.now();
  let behaviour = first;
  let from = started;
  const totals = { requests: 0, errors: 0, slow: 0 };
  const count = (): void => {
    const now = Date.now();
    const requests = Math.round(((now - from) / 1000) * perSecond);
    from += (requests / perSecond) * 1000;
    totals.requests += requests;
    totals.errors += requests * (behaviour.errors ?? 0);
    totals.slow += requests * (behaviour.slow ?? 0);
  };
  const server = await servePages((_request, response) => {
    if (behaviour.status !== undefined) return response.writeHead(behaviour.status).end('no upstream');
    count();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    const [errors, slow] = [Math.round(totals.errors), Math.round(totals.slow)];
    response.end(print({ requests: totals.requests, errors, slow }, started / 1000, behaviour.lost));
  });
  return {
    ...server,
    metrics: `${server.url}/metrics`,
    behave(as) {
      count();
      behaviour = as;
    },
  };
}

function print(
  { requests, errors, slow }: { requests: number; errors: number; slow: number },
  started: number,
  lost: number | undefined,
): string {
  const lines = [
    '# TYPE http_requests_total counter',
    `http_requests_total{status="200"} ${requests - errors}`,
    ...(errors > 0 ? [`http_requests_total{status="500"} ${errors}`] : []),
    '# TYPE http_request_duration_seconds histogram',
    `http_request_duration_seconds_bucket{le="0.5"} ${requests - slow}`,
    `http_request_duration_seconds_bucket{le="1"} ${requests - slow}`,
    `http_request_duration_seconds_bucket{le="+Inf"} ${requests}`,
    `http_request_duration_seconds_count ${requests}`,
    `process_start_time_seconds ${started}`,
    ...(lost === undefined ? [] : [`jobs_lost_total ${lost}`]),
  ];
  return `${lines.join('\n')}\n`;
}
