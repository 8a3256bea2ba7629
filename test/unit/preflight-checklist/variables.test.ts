import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { judgeVariables } from '../../../actions/preflight-checklist/src/variables.ts';

/** The rules as the configuration reads them, so that its defaults apply. */
function rules(env: object, anyOf: string[][] = []) {
  const text = stringify({ app: 'a', services: { s: { image: 'x' } }, preflight: { env, 'any-of': anyOf } });
  const { preflight } = loadConfig({
    file: 'f',
    text,
    environment: 'production',
    env: {},
    uses: ['preflight'],
  });
  return preflight;
}

/** State and evidence of the one variable V. */
function judge(
  rule: object,
  value: string | undefined,
  others: Record<string, string> = {},
  environment = 'production',
  stage: 'all' | 'before-approval' = 'all',
) {
  const env = { ...others, ...(value === undefined ? {} : { V: value }) };
  const [item] = judgeVariables(rules({ V: rule }), env, environment, stage);
  return `${item?.state}: ${item?.evidence}`;
}

const url = 'postgresql://docs:s3cr3t@db.example.com:5432/docs';

describe('before the approval', () => {
  test.each<[string, object, string | undefined, string]>([
    ['unset', {}, undefined, 'deferred: V is not set before the approval'],
    ['unset and optional', { optional: true }, undefined, 'deferred: V is not set before the approval'],
    ['unset, and no secret', { secret: false }, undefined, 'failed: V is not set'],
    ['set', { type: 'integer' }, 'x', 'failed: V is not a whole number'],
    ['set, and a secret', { secret: true }, 'x', 'failed: V is a secret, but it is set before the approval'],
  ])('%s', (_, rule, value, expected) =>
    expect(judge(rule, value, {}, 'production', 'before-approval')).toBe(expected),
  );

  test('a secret is judged after it', () =>
    expect(judge({ secret: true }, 'x')).toBe('passed: V is set: 1 characters'));

  test.each<[Record<string, string>, string]>([
    [{}, 'deferred: none is set before the approval'],
    [{ B: 'x' }, 'passed: set: B'],
    [{ B: 'changeme' }, 'failed: none of A, B can be used: B is a placeholder'],
  ])('one of a group: %j', (env, expected) => {
    const [item] = judgeVariables(rules({}, [['A', 'B']]), env, 'production', 'before-approval');
    expect(`${item?.state}: ${item?.evidence}`).toBe(expected);
  });
});

describe('the rules of one variable', () => {
  test.each<[string, object, string | undefined, string]>([
    ['unset', {}, undefined, 'failed: V is not set'],
    ['empty', {}, '', 'failed: V is not set'],
    ['unset but optional', { optional: true }, undefined, 'skipped: V is not set; it is optional'],
    ['any text', {}, 'anything', 'passed: V is set: 8 characters'],
    ['white space only', {}, '  ', 'failed: V is only white space'],
    ['a trailing line break', {}, 'value\n', 'failed: V begins or ends with white space or a line break'],
    ['quotes', {}, '"value"', 'failed: V is wrapped in quotes, which would become part of the value'],
    ['a placeholder of a shell', {}, 'x${TOKEN}', 'failed: V contains a placeholder that was not replaced'],
    [
      'a placeholder of a template',
      {},
      '<your key>',
      'failed: V contains a placeholder that was not replaced',
    ],
    ['your-…-key', {}, 'your-anthropic-api-key', 'failed: V is a placeholder'],
    ['changeme', {}, 'CHANGE_ME', 'failed: V is a placeholder'],
    ['an example', { 'starts-with': 'sk-' }, 'sk-ant-...', 'failed: V ends with "..." like an example'],
    ['a byte order mark', {}, '\uFEFFvalue', 'failed: V contains a byte order mark or control characters'],
    [
      'a listed word is not suspicious',
      { 'one-of': ['null', 'x'] },
      'null',
      'passed: V is set: one of 2 allowed values',
    ],
    ['WARN for WARNING', { 'one-of': ['INFO', 'WARNING'] }, 'WARN', 'failed: V is not one of INFO, WARNING'],
    ['another prefix', { 'starts-with': 'sk-ant-' }, 'sk-other', 'failed: V does not start with sk-ant-'],
    ['too short', { 'min-length': 32 }, 'short', 'failed: V has 5 characters; at least 32 are required'],
    ['an integer', { type: 'integer' }, '10', 'passed: V is set: a whole number'],
    ['a fraction', { type: 'integer' }, '1.5', 'failed: V is not a whole number'],
    ['below', { type: 'integer', min: 1 }, '0', 'failed: V is below 1'],
    ['above', { type: 'integer', max: 5 }, '6', 'failed: V is above 5'],
    [
      'not more than another',
      { type: 'integer', 'at-most': 'MAX' },
      '50',
      'passed: V is set: a whole number',
    ],
    [
      'more than another, as numbers',
      { type: 'integer', 'at-most': 'MAX' },
      '100',
      'failed: V is larger than MAX',
    ],
    [
      'another that is not a number',
      { type: 'integer', 'at-most': 'PATH' },
      '1',
      'failed: V cannot be compared with PATH, which is not a whole number',
    ],
    ['a boolean', { type: 'boolean' }, 'false', 'passed: V is set: true or false'],
    ['yes', { type: 'boolean' }, 'yes', 'failed: V is neither true nor false'],
    ['a URL', { type: 'url' }, 'https://example.com/a', 'passed: V is set: an http(s) URL'],
    [
      'a mail address',
      { type: 'url' },
      'mailto:a@example.com',
      'failed: V is not an http:// or https:// URL',
    ],
    ['a database', { type: 'postgres-url' }, url, 'passed: V is set: a PostgreSQL URL, with a password'],
    [
      'another database',
      { type: 'postgres-url' },
      'mysql://a@b/c',
      'failed: V does not start with postgresql://',
    ],
    ['no database', { type: 'postgres-url' }, 'postgresql://a@b', 'failed: V names no database'],
    [
      'the database of the handbook',
      { type: 'postgres-url' },
      'postgresql://user:password@host:port/database',
      'failed: V has the user and password of an example',
    ],
    [
      'an unescaped @',
      { type: 'postgres-url' },
      'postgresql://a:p@ss@b/c',
      'failed: V is not a URL; special characters in its password must be percent-encoded',
    ],
    [
      'an unescaped #',
      { type: 'postgres-url' },
      'postgresql://a:p#ss@b/c',
      'failed: V is not a URL; special characters in its password must be percent-encoded',
    ],
    [
      'an unescaped %',
      { type: 'postgres-url' },
      'postgresql://a:100%zz@b/c',
      'failed: V has a "%" that starts no percent-encoding',
    ],
  ])('%s', (_title, rule, value, expected) =>
    expect(judge(rule, value, { MAX: '50', PATH: '/bin' })).toBe(expected),
  );
});

describe('origins', () => {
  const origins = { type: 'origins' };
  test.each([
    ['https://app.example.com', 'passed: V is set: 1 origin'],
    ['https://app.example.com, https://www.example.com:8443', 'passed: V is set: 2 origins'],
    ['*', 'failed: V is wrong: it contains "*", which would allow every site'],
    ['https://a.example.com,*', 'failed: V is wrong: entry 2 contains "*", which would allow every site'],
    ['https://*.example.com', 'failed: V is wrong: it contains "*", which would allow every site'],
    ['https://a.example.com,', 'failed: V is wrong: entry 2 is empty'],
    ['https://a.example.com/', 'failed: V is wrong: it ends in "/"'],
    [
      'https://a.example.com/app',
      'failed: V is wrong: it has more than scheme, host and port, or upper-case letters',
    ],
    [
      'https://A.example.com',
      'failed: V is wrong: it has more than scheme, host and port, or upper-case letters',
    ],
    ['http://a.example.com', 'failed: V is wrong: it is not https'],
    ['a.example.com', 'failed: V is wrong: it is not an origin such as https://app.example.com'],
    ['https://localhost:3000', 'failed: V is wrong: it is localhost, in production'],
    ['http://127.0.0.1:3000', 'failed: V is wrong: it is localhost, in production'],
  ])('%s', (value, expected) => expect(judge(origins, value)).toBe(expected));

  test('localhost is fine elsewhere, also with http', () =>
    expect(judge(origins, 'http://localhost:3000', {}, 'staging')).toBe('passed: V is set: 1 origin'));
});

describe('groups of which one must be set', () => {
  const group = ['A_KEY', 'B_KEY'];
  test.each<[Record<string, string>, string]>([
    [{}, 'failed: none of A_KEY, B_KEY is set'],
    [{ A_KEY: '' }, 'failed: none of A_KEY, B_KEY is set'],
    [{ A_KEY: 'changeme' }, 'failed: none of A_KEY, B_KEY can be used: A_KEY is a placeholder'],
    [{ A_KEY: 'changeme', B_KEY: 'sk-1234' }, 'passed: set: B_KEY'],
  ])('%j', (env, expected) => {
    const [item] = judgeVariables(rules({}, [group]), env, 'production', 'all');
    expect(`${item?.state}: ${item?.evidence}`).toBe(expected);
  });
});

test('without rules nothing is checked, and the list says so', () =>
  expect(judgeVariables(rules({}), { A: '1' }, 'production', 'all')).toEqual([
    {
      id: 'env',
      title: 'Environment variables',
      state: 'skipped',
      evidence: 'preflight.env names no variable',
    },
  ]));

test('no value is ever shown, whatever the rule', () => {
  const rule = fc.record({
    type: fc.constantFrom('text', 'integer', 'boolean', 'url', 'postgres-url', 'origins'),
    'min-length': fc.integer({ min: 1, max: 200 }),
    'starts-with': fc.constantFrom('sk-', 'https://', ''),
  });
  const value = fc
    .tuple(
      fc.constantFrom('', 'https://', 'postgresql://u:', 'sk-', '"', ' '),
      fc.stringMatching(/^[Q-Z0-9]{12,20}$/),
    )
    .map(([before, secret]) => ({ text: before + secret, secret }));
  fc.assert(
    fc.property(rule, value, (one, { text, secret }) => {
      const items = judgeVariables(rules({ V: one }, [['V', 'W']]), { V: text }, 'production', 'all');
      expect(JSON.stringify(items)).not.toContain(secret);
    }),
  );
});
