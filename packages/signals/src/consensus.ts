import { Cancelled, type Clock, type Duration, type Http, type HttpReply, poll } from '@slipway/kernel';
import { parseJson } from './assertions.ts';
import { excerpt } from './excerpt.ts';
import { valuesAt } from './json-path.ts';

export interface ConsensusOptions {
  url: string;
  /** JSONPath to the version in the answer. */
  json: string;
  expected: string;
  /** Fresh connections in a row that must all answer it. */
  samples: number;
  /** For one request. */
  timeout: Duration;
  /** From now until giving up. */
  within: Duration;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

export interface Consensus {
  ok: boolean;
  /** How often what was answered, over all connections. */
  answers: Record<string, number>;
  connections: number;
  /** The longest run of right answers. */
  longest: number;
  ms: number;
}

/** Between a wrong answer and the next connection: an old replica needs a moment to leave. */
const pause = 250;
/** Characters of an answer in the distribution. */
const shown = 60;

/**
 * Connects anew again and again until `samples` connections in a row answered the expected version. One different
 * answer, or none, starts the count again: behind a load balancer an old replica answers only now and then.
 * @throws Cancelled when the signal aborts.
 */
export async function reachConsensus(options: ConsensusOptions): Promise<Consensus> {
  const { clock, signal, within, samples, expected } = options;
  const answers = new Map<string, number>();
  const start = clock.monotonic();
  let longest = 0;
  const during = 'the version check';
  const polled = await poll({ clock, signal, every: pause, within, during }, async () => {
    for (let run = 0; run < samples; longest = Math.max(longest, ++run)) {
      const left = within - (clock.monotonic() - start);
      if (run > 0 && left <= 0) return { done: false, seen: 'the time was over' };
      const timeoutMs = Math.min(options.timeout, Math.max(1000, Math.ceil(left)));
      const reply = await options.http.send({ url: options.url, timeoutMs, signal });
      if (signal.aborted) throw new Cancelled(during);
      const answer = versionIn(reply, options.json);
      const label = 'version' in answer ? answer.version : answer.instead;
      answers.set(label, (answers.get(label) ?? 0) + 1);
      if (!('version' in answer) || answer.version !== expected) return { done: false, seen: label };
    }
    return { done: true, value: true };
  });
  const connections = [...answers.values()].reduce((sum, count) => sum + count, 0);
  return { ok: polled.ok, answers: Object.fromEntries(answers), connections, longest, ms: polled.ms };
}

/** The version an answer names, or what it is instead. A number is no version: 2 and "2" are different answers. */
export function versionIn(reply: HttpReply, json: string): { version: string } | { instead: string } {
  if (!reply.ok) return { instead: `(${reply.error})` };
  if (reply.status < 200 || reply.status > 299) return { instead: `(status ${reply.status})` };
  const document = parseJson(reply.body.data);
  if (document === undefined) return { instead: '(no JSON)' };
  const [version, ...others] = valuesAt(document, json);
  if (version === undefined) return { instead: `(nothing at ${json})` };
  if (others.length > 0) return { instead: `(${others.length + 1} values at ${json})` };
  if (version === '') return { instead: '(an empty text)' };
  if (typeof version === 'string') return { version: excerpt(version, shown) };
  return { instead: `(${excerpt(JSON.stringify(version), shown)}, not a text)` };
}

/** `7 × 1.0.0, 3 × 0.9.0`, the most frequent first. */
export function describeAnswers(answers: Readonly<Record<string, number>>): string {
  return Object.entries(answers)
    .sort(([, one], [, other]) => other - one)
    .map(([answer, times]) => `${times} × ${answer}`)
    .join(', ');
}
