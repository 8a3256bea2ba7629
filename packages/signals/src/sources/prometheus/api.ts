import { Fault, type Http, type OutsideText } from '@slipway/kernel';

import { maxExcerpt, shownUrl } from '../../excerpt.ts';
import { parseJson } from '../../json.ts';

/** A series of raw values: [seconds since the epoch, value]. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  values: readonly (readonly [number, number])[];
}

export interface PrometheusApi {
  /** The time of the server in seconds since the epoch. @throws Fault */
  time(signal: AbortSignal): Promise<number>;
  /** A query for a list of series; those of an instant vector have one value each. @throws Fault */
  query(query: string, signal: AbortSignal): Promise<Series[]>;
}

const timeoutMs = 10_000;
const maxBodyBytes = 64 * 1024 * 1024;

interface Body {
  status?: unknown;
  error?: unknown;
  warnings?: unknown;
  data?: { resultType?: unknown; result?: unknown };
}

interface Answer {
  data: NonNullable<Body['data']>;
  text: OutsideText;
}

interface Row {
  metric?: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

/**
 * Instant queries of a Prometheus or what speaks its API. Errors are faults, and so are warnings, since they mean
 * that data may be missing: neither proves anything.
 */
export function prometheusApi(base: string, http: Http): PrometheusApi {
  const url = `${base.replace(/\/+$/, '')}/api/v1/query`;
  const ask = async (query: string, signal: AbortSignal): Promise<Answer> => {
    // By default Thanos returns what it has; Prometheus ignores both parameters.
    const body = new URLSearchParams({ query, partial_response: 'false', dedup: 'true' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const reply = await http.send({ url, method: 'POST', headers, body, timeoutMs, maxBodyBytes, signal });
    if (!reply.ok) throw new Fault(`Prometheus at ${shownUrl(base)} did not answer: ${reply.error}`);
    return { data: readBody(reply.status, reply.body), text: reply.body };
  };
  return {
    async time(signal) {
      const { result } = (await ask('time()', signal)).data;
      const seconds = Array.isArray(result) ? Number(result[1]) : Number.NaN;
      if (!Number.isFinite(seconds)) throw new Fault('Prometheus returned no time');
      return seconds;
    },
    async query(query, signal) {
      const { data, text } = await ask(query, signal);
      const { resultType, result } = data;
      if (!/^(matrix|vector)$/.test(String(resultType)) || !Array.isArray(result))
        throw new Fault(
          `Prometheus returned ${text.part(String(resultType)).excerpt(40)} in place of series`,
        );
      return (result as Row[]).map(readRow);
    },
  };
}

function readBody(status: number, text: OutsideText): NonNullable<Body['data']> {
  const body = (parseJson(text.data) ?? {}) as Body | null;
  if (status !== 200 || body?.status !== 'success' || !body.data) {
    const said = (typeof body?.error === 'string' ? text.part(body.error) : text).excerpt(maxExcerpt);
    throw new Fault(`Prometheus answered with status ${status}${said === '' ? '' : `: ${said}`}`);
  }
  if (Array.isArray(body.warnings) && body.warnings.length > 0)
    throw new Fault(
      `Prometheus warned that data may be missing: ${text.part(body.warnings.join('; ')).excerpt(maxExcerpt)}`,
    );
  return body.data;
}

function readRow({ metric = {}, value, values }: Row): Series {
  const pairs = values ?? (value ? [value] : []);
  return { labels: metric, values: pairs.map(([at, text]) => [at, Number(text.replace('Inf', 'Infinity'))]) };
}
