import { Cancelled, type Clock, type Duration, type Http, type HttpReply, poll } from '@slipway/kernel';
import { parseJson } from '../json.ts';
import { valuesAt } from './json-path.ts';

export interface ConsensusOptions {
  url: string;
  /** JSONPath to the version in the response. */
  json: string;
  expected: string;
  /** Consecutive new connections that must all answer it. */
  samples: number;
  /** For one request. */
  timeoutMs: Duration;
  /** From now until giving up. */
  withinMs: Duration;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

export interface ConsensusResult {
  ok: boolean;
  /** How often each answer came, over all connections. */
  answers: Record<string, number>;
  connections: number;
  /** The longest run of expected answers. */
  maxRun: number;
  ms: number;
}

/** Between an unexpected answer and the next connection: an old replica needs a moment to shut down. */
const pauseMs = 250;
const maxAnswerLength = 60;

/**
 * Opens new connections until `samples` of them in a row answered the expected version. A different answer, or none,
 * starts the count again: behind a load balancer an old replica answers only now and then.
 * @throws Cancelled when the signal aborts.
 */
export async function reachConsensus(options: ConsensusOptions): Promise<ConsensusResult> {
  const { clock, signal, withinMs, samples, expected } = options;
  const answers = new Map<string, number>();
  const start = clock.monotonic();
  let maxRun = 0;
  const during = 'the version check';
  const polled = await poll({ clock, signal, intervalMs: pauseMs, timeoutMs: withinMs, during }, async () => {
    for (let run = 0; run < samples; maxRun = Math.max(maxRun, ++run)) {
      const left = withinMs - (clock.monotonic() - start);
      if (run > 0 && left <= 0) return { done: false, seen: 'the deadline passed' };
      const timeoutMs = Math.min(options.timeoutMs, Math.max(1000, Math.ceil(left)));
      const reply = await options.http.send({ url: options.url, timeoutMs, signal });
      if (signal.aborted) throw new Cancelled(during);
      const answer = versionIn(reply, options.json);
      const label = answer.ok ? answer.version : answer.found;
      answers.set(label, (answers.get(label) ?? 0) + 1);
      if (!answer.ok || answer.version !== expected) return { done: false, seen: label };
    }
    return { done: true, value: true };
  });
  const connections = [...answers.values()].reduce((sum, count) => sum + count, 0);
  return { ok: polled.ok, answers: Object.fromEntries(answers), connections, maxRun, ms: polled.ms };
}

/** The version that a response names, or in brackets what was found in its place. */
export type VersionResult = { ok: true; version: string } | { ok: false; found: string };

/** A number is not a version: 2 and "2" are different answers. Pure. */
export function versionIn(reply: HttpReply, json: string): VersionResult {
  if (!reply.ok) return other(reply.error);
  if (reply.status < 200 || reply.status > 299) return other(`status ${reply.status}`);
  const document = parseJson(reply.body.data);
  if (document === undefined) return other('not JSON');
  const [version, ...more] = valuesAt(document, json);
  if (version === undefined) return other(`nothing at ${json}`);
  if (more.length > 0) return other(`${more.length + 1} values at ${json}`);
  if (version === '') return other('an empty string');
  const shown = (text: string): string => reply.body.part(text).excerpt(maxAnswerLength);
  if (typeof version !== 'string') return other(`${shown(JSON.stringify(version))}, not a string`);
  return { ok: true, version: version.length > maxAnswerLength ? shown(version) : version };
}

function other(found: string): VersionResult {
  return { ok: false, found: `(${found})` };
}

/** `7 × 1.0.0, 3 × 0.9.0`, the most frequent first. */
export function describeAnswers(answers: Readonly<Record<string, number>>): string {
  return Object.entries(answers)
    .sort(([, one], [, other]) => other - one)
    .map(([answer, times]) => `${times} × ${answer}`)
    .join(', ');
}
