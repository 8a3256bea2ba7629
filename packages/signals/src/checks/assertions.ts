import { formatDuration, type HttpReply } from '@slipway/kernel';
import { maxExcerpt, shownUrl } from '../excerpt.ts';
import { parseJson } from '../json.ts';
import { pathFailure, type Scalar } from './json-path.ts';

/** What a response must be. Every assertion must hold; nothing is coerced. */
export interface Expectation {
  status: number;
  /** JSONPath (RFC 9535) to the value that must be there. */
  json: Readonly<Record<string, Scalar>>;
  /** Response headers by name, in any case, and their exact value. */
  headers?: Readonly<Record<string, string>>;
  contains?: string | undefined;
  /** Connection set-up included. */
  fasterThanMs?: number | undefined;
}

type Answer = Extract<HttpReply, { ok: true }>;

/** Every assertion that does not hold, each as expected and found; empty when all hold. Pure. */
export function failures(expected: Expectation, reply: HttpReply): string[] {
  if (!reply.ok) return [`expected status ${expected.status}, but no response: ${reply.error}`];
  return [
    ...statusFailures(expected, reply),
    ...headerFailures(expected.headers ?? {}, reply),
    ...jsonFailures(expected.json, reply),
    ...bodyFailures(expected.contains, reply),
    ...paceFailures(expected.fasterThanMs, reply),
  ];
}

function statusFailures({ status }: Expectation, reply: Answer): string[] {
  if (reply.status === status) return [];
  const { location } = reply.headers;
  const to = location === undefined ? '' : ` to ${shownUrl(reply.body.part(location).excerpt(maxExcerpt))}`;
  return [`expected status ${status}, found ${reply.status}${to}${bodyOf(reply)}`];
}

function headerFailures(headers: Readonly<Record<string, string>>, reply: Answer): string[] {
  const seen = new Map(Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(headers).flatMap(([name, value]) => {
    const found = seen.get(name.toLowerCase());
    if (found === undefined) return [`header ${name}: expected ${JSON.stringify(value)}, but it is missing`];
    if (found === value) return [];
    return [
      `header ${name}: expected ${JSON.stringify(value)}, found ${JSON.stringify(reply.body.part(found).excerpt(maxExcerpt))}`,
    ];
  });
}

function jsonFailures(json: Readonly<Record<string, Scalar>>, reply: Answer): string[] {
  const asserted = Object.entries(json);
  if (asserted.length === 0) return [];
  const document = parseJson(reply.body.data);
  if (document === undefined) {
    const paths = asserted.map(([path]) => path).join(', ');
    return [
      `${paths}: expected JSON, found ${reply.body.isEmpty ? 'an empty body' : 'something else'}${bodyOf(reply)}`,
    ];
  }
  return asserted.flatMap(([path, expected]) => pathFailure(document, path, expected, reply.body) ?? []);
}

function bodyFailures(contains: string | undefined, reply: Answer): string[] {
  if (contains === undefined || reply.body.data.includes(contains)) return [];
  const wanted = `expected a body that contains ${JSON.stringify(reply.body.part(contains).excerpt(maxExcerpt))}`;
  return [`${wanted}, found ${reply.body.isEmpty ? 'an empty body' : 'a different one'}${bodyOf(reply)}`];
}

function paceFailures(fasterThan: number | undefined, reply: Answer): string[] {
  if (fasterThan === undefined || reply.ms < fasterThan) return [];
  return [`expected a response within ${formatDuration(fasterThan)}, it took ${formatDuration(reply.ms)}`];
}

/** What was proven when every assertion holds. */
export function describeExpectation(expected: Expectation): string {
  const { status, json, headers = {}, contains, fasterThanMs } = expected;
  return [
    `status ${status}`,
    ...Object.entries(json).map(([path, value]) => `${path} is ${JSON.stringify(value)}`),
    ...Object.entries(headers).map(([name, value]) => `${name} is ${JSON.stringify(value)}`),
    ...(contains === undefined ? [] : [`contains ${JSON.stringify(contains)}`]),
    ...(fasterThanMs === undefined ? [] : [`within ${formatDuration(fasterThanMs)}`]),
  ].join(', ');
}

function bodyOf({ body }: Answer): string {
  const shown = body.excerpt(maxExcerpt);
  return shown === '' ? '' : `: ${shown}`;
}
