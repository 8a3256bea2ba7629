import { describe, expect, test } from '@jest/globals';
import { UserError } from '@slipway/kernel';
import * as fc from 'fast-check';
import { parseNamedValues } from '../../../packages/runner/src/named-values.ts';

const parse = (text: string): Record<string, string> => parseNamedValues('SLIPWAY_SECRETS', text);
const pem = '-----BEGIN PRIVATE KEY-----\nMII/EvQ=\nabc/+=\n-----END PRIVATE KEY-----';
const keyFile = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\nMII=\\n"\n}';

describe('values arrive whole', () => {
  test.each<[string, string, Record<string, string>]>([
    ['with #', 'A=S3cr3t#Passw0rd\nB=a # b', { A: 'S3cr3t#Passw0rd', B: 'a # b' }],
    ['with quotes inside', `A=pa"ss'word\`x`, { A: `pa"ss'word\`x` }],
    ['with =', 'A=a=b==\nB==', { A: 'a=b==', B: '=' }],
    ['with blanks', 'A= a b ', { A: ' a b ' }],
    ['with a backslash', 'A=a\\nb\\', { A: 'a\\nb\\' }],
    ['as JSON on one line', 'A={"a":"b#c"}', { A: '{"a":"b#c"}' }],
    ['empty', 'A=\nB=""', { A: '', B: '' }],
    ['in quotes', `A="a # b"\nB='it is "x"'\nC=\`x\``, { A: 'a # b', B: 'it is "x"', C: 'x' }],
    ['in quotes, over lines', `A="${pem}"\nB='${keyFile}'\nC=1`, { A: pem, B: keyFile, C: '1' }],
    ['in quotes with \\n', `A="${pem.replaceAll('\n', '\\n')}"`, { A: pem }],
    ['in quotes with quotes', 'A="say \\"x\\""\nB="a"b"', { A: 'say "x"', B: 'a"b' }],
    ['from Windows', 'A=1\r\nB="x\r\ny"\r\n', { A: '1', B: 'x\ny' }],
    ['with export', 'export A=1', { A: '1' }],
    ['among comments and blank lines', '# a comment\n\n  # another\nA=1\n', { A: '1' }],
    ['the last of a name', 'A=1\nA=2', { A: '2' }],
    ['none', '', {}],
    [
      'in an object of JSON',
      JSON.stringify({ A: pem, B: 'a#b', c: keyFile }, null, 2),
      { A: pem, B: 'a#b', c: keyFile },
    ],
  ])('%s', (_, text, values) => expect(parse(text)).toEqual(values));

  test('whatever it is, in an object of JSON', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (A) => expect(parse(JSON.stringify({ A }))).toEqual({ A })),
    ));

  test('whatever is on one line and begins with no quote', () =>
    fc.assert(
      fc.property(
        fc.string().filter((value) => !/^["'`]|[\r\n]/.test(value)),
        (A) => expect(parse(`A=${A}\nB=1`)).toEqual({ A, B: '1' }),
      ),
    ));
});

describe('anything else is refused by its line', () => {
  test.each<[string, string, string]>([
    ['a line that is none', 'A=1\nsecret-text', 'line 2 is not NAME=value'],
    ['a key without quotes', `A=${pem}`, 'line 2 is not NAME=value'],
    ['a blank before =', 'A = 1', 'line 1 is not NAME=value'],
    ['a name with a sign', 'A-B=1', 'line 1 is not NAME=value'],
    ['quotes that do not end', 'A=1\nB="secret', 'line 2 does not end its quotes'],
    ['text after the quotes', 'A="secret" # why\nB="x"', 'line 1 does not end its quotes'],
    ['JSON that is cut', '{"A": "secret', 'it begins with { and is not JSON (line 1 column 14)'],
    ['a number', '{"A": "x", "B": 5432}', 'its entry 2 is not a name with a text'],
    ['an object in it', '{"A": {"secret": "x"}}', 'its entry 1 is not a name with a text'],
    ['a name that is none', '{"a b": "secret"}', 'its entry 1 is not a name with a text'],
  ])('%s', (_, text, why) => {
    expect(() => parse(text)).toThrow(new UserError(`cannot read SLIPWAY_SECRETS: ${why}`));
    try {
      parse(text);
    } catch (error) {
      expect(`${error} ${(error as UserError).hint}`).not.toMatch(/secret-text|MII|"secret/);
    }
  });
});
