import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { OutsideLines, OutsideText, plainText, Redactor } from '@slipway/kernel';
import * as fc from 'fast-check';

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}
const outside = (text: string, ...secrets: string[]): OutsideText =>
  OutsideText.of(text, redactorOf(...secrets));
const shown = (text: string, ...secrets: string[]): string => `${outside(text, ...secrets)}`;

describe('text from outside is normalised', () => {
  test.each([
    ['carriage returns end lines', '#\r#[add-mask]x\r\r\nb\r\n', '#\n#[add-mask]x\nb\n'],
    ['as all other line ends do', 'a\u0085b\u2028c\u2029d\ve\ff', 'a\nb\nc\nd\ne\nf'],
    ['colours, titles and links of a terminal go', '\u001b[1;31mred\u001b[0m \u001b]0;title\u0007x', 'red x'],
    ['control characters go', 'a\0b\u0001\u009bc\u007f\td', 'ab\td'],
    ['and marks that turn its direction', 'a\u202eb\u2066c', 'abc'],
  ])('%s', (_title, text, expected) => expect(shown(text)).toBe(expected));

  test('plain text stays plain, and holds no control character', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(plainText(text))).toBe(plainText(text));
        expect(plainText(text)).not.toMatch(/[^\P{Cc}\t\n]/u);
      }),
    ));
});

test('a secret is found in every encoding by its name; one that GitHub alone masks is not blanked', () => {
  const redactor = new Redactor();
  redactor.add('Kw82mXpQ', 'API_KEY');
  redactor.add('first line\nsecond line', 'KEY_FILE');
  redactor.note('bob', 'the input "username"');
  const base64 = Buffer.from('xKw82mXpQ').toString('base64');
  expect(['Kw82mXpQ', base64, 'a second line', 'bob', 'nothing'].map((text) => redactor.find(text))).toEqual([
    'API_KEY',
    'API_KEY',
    'KEY_FILE',
    'the input "username"',
    undefined,
  ]);
  expect(redactor.redact('bob has Kw82mXpQ')).toBe('bob has ***');
});

describe('a secret is blanked in every encoding', () => {
  const secret = 'pa"ss&wo\'rd<\\ /€1';
  const bytes = Buffer.from(secret);
  test.each([
    ['as it is', secret],
    ['base64', bytes.toString('base64')],
    ['base64 for URLs', bytes.toString('base64url')],
    ['a URI component', encodeURIComponent(secret)],
    ['a web form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['small digits', encodeURIComponent(secret).replace(/%../g, (digits) => digits.toLowerCase())],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON in ASCII', JSON.stringify(secret).slice(1, -1).replace('€', '\\u20ac')],
    ['JSON within JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['XML', 'pa&quot;ss&amp;wo&apos;rd&lt;\\ /€1'],
    ['HTML', 'pa&quot;ss&amp;wo&#39;rd&lt;\\ /€1'],
    ['an argument', secret.replaceAll('"', '\\"')],
    ['SQL', secret.replaceAll("'", "''")],
    ['a word of a shell', secret.replaceAll("'", "'\\''")],
    ['coloured by PowerShell', "wo'rd<\\ /€1"],
    ['coloured by a terminal', `\u001b[31m${secret.slice(0, 4)}\u001b[0m${secret.slice(4)}`],
  ])('%s', (_title, text) => expect(shown(`a ${text} b`, secret)).toBe('a *** b'));

  test.each([0, 1, 2, 3, 4])('base64 after %d other bytes, but for the characters they share', (length) => {
    const text = Buffer.from(`${'x'.repeat(length)}Kw82mXpQ-zzz`).toString('base64');
    const left = shown(text, 'Kw82mXpQ').replace('***', '');
    expect(left.length).toBeLessThan(text.length - 7);
  });

  test('lines of a long secret, secrets that overlap, the password of a URL', () => {
    expect(shown('a line two b', 'line one\r\nline two')).toBe('a *** b');
    expect(shown('xabcdefx', 'abcd', 'cdef')).toBe('x***x');
    expect(shown('its p@ss or p%40ss', 'pg://u:p%40ss@h/d')).toBe('its *** or ***');
  });

  test('no encoding of a common word tears a digest', () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    expect(shown(digest, 'production', 'staging', 'admin', 'postgres', 'true', '5432')).toBe(digest);
  });
});

describe('what looks like a secret is blanked', () => {
  test.each([
    ['Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer ***'],
    ['password=hunter2hunter2 next', 'password=*** next'],
    ['DB_PASSWORD: "hunter \\"2\\"", a', 'DB_PASSWORD: ***, a'],
    [
      '{"m":"{\\"api_key\\":\\"abcdefg\\",\\"m\\":\\"cause\\"}"}',
      '{"m":"{\\"api_key\\":***\\",\\"m\\":\\"cause\\"}"}',
    ],
    ['token="cutoff he', 'token=*** he'],
    ['postgres://u:hunter2@h/d', 'postgres://u:***@h/d'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl', '***'],
    ['key AKIAIOSFODNN7EXAMPLE.', 'key ***.'],
    [
      '-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\nb',
      '-----BEGIN EC PRIVATE KEY----- ***\nb',
    ],
    [`cut\n${'MHcCAQEEIIr'.repeat(6)}\nb`, 'cut\n***\nb'],
  ])('%s', (text, expected) => expect(shown(text)).toBe(expected));

  test.each([
    'no password given',
    'the token is missing',
    `id ${'0123456789abcdef'.repeat(4)}`,
    'basic auth',
  ])('and nothing else: %s', (text) => expect(shown(text)).toBe(text));

  test('also where a part of it is a known secret', () =>
    expect(shown('Bearer abcdefghijklmnop1234', 'abcdef')).toBe('Bearer ***'));
});

describe('it is made safe before it is cut', () => {
  const secret = 'S3cr3tValueOfTheKey';

  test('no part of a secret is left at the cut of an excerpt', () => {
    for (let before = 0; before <= 210; before++) {
      const text = outside(`${'e'.repeat(before)}${secret} tail`, secret).excerpt(200);
      expect(text).not.toMatch(/S3cr|3cr3|Key/);
      expect(text.length).toBeLessThanOrEqual(201);
    }
  });

  test.each(['', '\n'])('nor where only the end of a large text is made safe: %j', (lineEnd) => {
    const body = outside(`${secret}x${lineEnd}`.repeat(120_000), secret);
    expect(body.tail(1).join('')).not.toMatch(/S3cr|Key/);
    expect(body.excerpt(50)).not.toMatch(/S3cr|Key/);
  });

  test('lines are not blank, not repeated and not endless; a key that begins before the tail is not shown', () => {
    const text = outside(`a\n\na\nb\n${'x '.repeat(300)}\n`);
    expect(text.lines().map(String)).toEqual(['a', 'b', `${'x '.repeat(250)}…`]);
    expect(text.tail(2).map(String)).toEqual(['b', `${'x '.repeat(250)}…`]);
    const key = outside('-----BEGIN PRIVATE KEY-----\nMHcC\nAQEE\n-----END PRIVATE KEY-----\nend');
    expect(key.tail(2).map(String)).toEqual(['-----BEGIN PRIVATE KEY----- ***', 'end']);
  });
});

test('however it is printed, it is safe; its data is for parsers', () => {
  const text = outside('the secret\u001b[0m', 'secret');
  for (const printed of [
    `${text}`,
    String(text),
    [text].join(),
    JSON.parse(JSON.stringify(text)),
    inspect(text),
  ])
    expect(printed).toBe('the ***');
  expect(inspect({ text })).not.toContain('secret');
  expect(text.data).toBe('the secret\u001b[0m');
  expect(`${text.part('my secret')}`).toBe('my ***');
  expect([outside('').isEmpty, outside(' \n').isEmpty, text.isEmpty]).toEqual([true, true, false]);
  expect(`${outside('a').concat(outside('b'))}`).toBe('a\nb');
});

describe('lines of a stream', () => {
  function linesOf(chunks: readonly Uint8Array[], ...secrets: string[]): string[] {
    const lines: string[] = [];
    const stream = new OutsideLines(redactorOf(...secrets), (line) => lines.push(`${line}`));
    for (const chunk of chunks) stream.push(Buffer.from(chunk));
    stream.end();
    return lines;
  }

  test('wherever the bytes are cut, the lines are the same', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Größe', '€', '\n', '\r\n', '\r', 'x'), { maxLength: 12 }),
        (parts) => {
          const bytes = Buffer.from(parts.join(''));
          const whole = linesOf([bytes]);
          for (let at = 0; at <= bytes.length; at++) {
            expect(linesOf([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
          }
        },
      ),
    ));

  test('the lines of a private key are not shown', () =>
    expect(
      linesOf([Buffer.from('a\n-----BEGIN PRIVATE KEY-----\nMHcC\n-----END PRIVATE KEY-----\nb')]),
    ).toEqual(['a', '-----BEGIN PRIVATE KEY----- ***', '***', '***', 'b']));
});
