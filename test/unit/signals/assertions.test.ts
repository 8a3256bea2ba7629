import { describe, expect, test } from '@jest/globals';
import { type HttpReply, OutsideText, Redactor, UserError } from '@slipway/kernel';
import { checkPath, type Expectation, failures } from '@slipway/signals';
import fc from 'fast-check';
import { versionIn } from '../../../packages/signals/src/checks/consensus.ts';

function reply(body: unknown, rest: Partial<Extract<HttpReply, { ok: true }>> = {}): HttpReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ok: true,
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: OutsideText.of(text, new Redactor()),
    bytes: Buffer.from(text),
    ms: 40,
    ...rest,
  };
}

const json = (path: string, value: string | number | boolean | null): Partial<Expectation> => ({
  json: { [path]: value },
});

const holds: [string, Partial<Expectation>, HttpReply][] = [
  ['the status alone', {}, reply('')],
  ['a text at a path', json('$.status', 'healthy'), reply({ status: 'healthy' })],
  ['zero', json('$.lag', 0), reply({ lag: 0 })],
  ['null that is there', json('$.error', null), reply({ error: null })],
  ['every one of several', json('$[*].status', 'ok'), reply([{ status: 'ok' }, { status: 'ok' }])],
  ['a header in another case', { headers: { 'Content-Type': 'application/json' } }, reply({})],
  ['text in the body', { contains: 'docsense' }, reply('<title>docsense</title>')],
  ['quick enough', { fasterThanMs: 41 }, reply('')],
];

const fails: [string, Partial<Expectation>, HttpReply, string[]][] = [
  [
    'no answer',
    {},
    { ok: false, kind: 'refused', error: 'connection refused', ms: 1 },
    ['expected status 200, but no response: connection refused'],
  ],
  [
    'another status',
    {},
    reply('no upstream', { status: 502 }),
    ['expected status 200, found 502: no upstream'],
  ],
  [
    'a redirect',
    {},
    reply('', { status: 302, headers: { location: 'https://u:p@example.com/login' } }),
    ['expected status 200, found 302 to https://example.com/login'],
  ],
  [
    'a missing path',
    json('$.status', 'healthy'),
    reply({}),
    ['$.status: expected "healthy", but the path matches nothing'],
  ],
  [
    'null is not missing',
    json('$.error', null),
    reply({}),
    ['$.error: expected null, but the path matches nothing'],
  ],
  ['null', json('$.lag', 0), reply({ lag: null }), ['$.lag: expected 0, found null']],
  [
    'an empty text',
    json('$.version', '1.0.0'),
    reply({ version: '' }),
    ['$.version: expected "1.0.0", found an empty string'],
  ],
  [
    'an empty list',
    json('$.failed', 0),
    reply({ failed: [] }),
    ['$.failed: expected 0, found an empty list'],
  ],
  [
    'an empty object',
    json('$.failed', false),
    reply({ failed: {} }),
    ['$.failed: expected false, found an empty object'],
  ],
  [
    'nothing to look at',
    json('$.items[*].status', 'ok'),
    reply({ items: [] }),
    ['$.items[*].status: expected "ok", but the path matches nothing'],
  ],
  [
    'one of several',
    json('$[*].s', 'ok'),
    reply([{ s: 'ok' }, { s: 'no' }]),
    ['$[*].s: expected "ok", found "no" in 1 of 2 matches'],
  ],
  [
    'the text "0" for 0',
    json('$.lag', 0),
    reply({ lag: '0' }),
    ['$.lag: expected 0, found "0", which is a string, not a number'],
  ],
  ['1 for true', json('$.up', true), reply({ up: 1 }), ['$.up: expected true, found 1']],
  [
    '"healthy " for "healthy"',
    json('$.s', 'healthy'),
    reply({ s: 'healthy ' }),
    ['$.s: expected "healthy", found "healthy "'],
  ],
  [
    'what every object has',
    json('$.length', 0),
    reply('"text"'),
    ['$.length: expected 0, but the path matches nothing'],
  ],
  [
    'no JSON',
    json('$.a', 1),
    reply('<html>\n  nginx'),
    ['$.a: expected JSON, found something else: <html> nginx'],
  ],
  ['an empty body', json('$.a', 1), reply(''), ['$.a: expected JSON, found an empty body']],
  [
    'another body',
    { contains: 'docsense' },
    reply('words '.repeat(99)),
    [
      `expected a body that contains "docsense", found a different one: ${'words '.repeat(99).slice(0, 200)}…`,
    ],
  ],
  [
    'a missing header',
    { headers: { 'x-a': '1' } },
    reply(''),
    ['header x-a: expected "1", but it is missing'],
  ],
  [
    'a longer header',
    { headers: { 'x-a': '1' } },
    reply('', { headers: { 'x-a': '1, 2' } }),
    ['header x-a: expected "1", found "1, 2"'],
  ],
  [
    'too slow',
    { fasterThanMs: 1000 },
    reply('', { ms: 1000 }),
    ['expected a response within 1 s, it took 1 s'],
  ],
  [
    'several at once',
    { status: 204, ...json('$.a', 1) },
    reply({ a: 2 }),
    ['expected status 204, found 200: {"a":2}', '$.a: expected 1, found 2'],
  ],
];

describe('an answer', () => {
  test.each(holds)('is right: %s', (_name, expected, seen) =>
    expect(failures({ status: 200, json: {}, ...expected }, seen)).toEqual([]),
  );
  test.each(fails)('is wrong: %s', (_name, expected, seen, why) =>
    expect(failures({ status: 200, json: {}, ...expected }, seen)).toEqual(why),
  );
});

test('a path that leads nowhere never passes, whatever the document and whatever is expected', () => {
  const names = ['a', 'length', 'toString', 'constructor', '__proto__', 'gone'];
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...names), scalar, (document, name, value) => {
      const there = typeof document === 'object' && document !== null && Object.hasOwn(document, name);
      fc.pre(!there);
      const expected = { status: 200, json: { [`$[${JSON.stringify(name)}]`]: value } };
      return failures(expected, reply(JSON.stringify(document))).length === 1;
    }),
  );
});

test('what is not a JSONPath is refused with its place', () => {
  for (const path of ['$..[', '$.a b', '.a', '']) {
    expect(() => checkPath(path, 'smoke.checks[0].json')).toThrow(UserError);
  }
  expect(() => checkPath('$[', 'smoke.checks[0].json')).toThrow(
    'smoke.checks[0].json: "$[" is not a JSONPath (RFC 9535)',
  );
});

test.each([
  [
    { ok: false as const, kind: 'refused' as const, error: 'connection refused', ms: 1 },
    { ok: false, found: '(connection refused)' },
  ],
  [reply({ version: '2.0.0' }, { status: 503 }), { ok: false, found: '(status 503)' }],
  [reply('2.0.0'), { ok: false, found: '(not JSON)' }],
  [reply({}), { ok: false, found: '(nothing at $.version)' }],
  [reply({ version: null }), { ok: false, found: '(null, not a string)' }],
  [reply({ version: 2 }), { ok: false, found: '(2, not a string)' }],
  [reply({ version: '' }), { ok: false, found: '(an empty string)' }],
  [reply({ version: '2.0.0' }), { ok: true, version: '2.0.0' }],
])('the version in %j', (seen, answer) => expect(versionIn(seen, '$.version')).toEqual(answer));
