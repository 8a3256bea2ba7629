import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from '../support/action.ts';

const sources = globSync('{packages,actions,test,demo,bench,scripts}/**/*.ts', {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).sort();
const shipped = sources.filter((file) => /^(?:packages|actions)\/[^/]+\/src\//.test(file));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const home = 'packages/kernel/src/outside-text.ts';
const own = 'test/contract/outside-text.test.ts';

/** A cast makes a text from outside of any text, past its redaction. */
const cast =
  /\b(?:as|satisfies)\s+(?:unknown\s+as\s+)?(?:readonly\s+)?OutsideText\b|<OutsideText>\s*[\w('"`]/;
/** What is cut by hand may end in the middle of a secret, which no redaction recognises any more. */
const cut = /\.slice\(0, (?:[^()]|\([^()]*\))*\)\}(?:\\n)?…/;
/** Lines that cut all the same, each with the reason. */
const safeCuts: readonly { file: RegExp; why: string }[] = [
  { file: /^packages\/runner\/src\/(?:spoken-result|publish)\.ts$/, why: 'cuts what was redacted before' },
  { file: /^packages\/release\/src\/omissions\.ts$/, why: 'gets a record that was redacted' },
  { file: /^actions\/preflight-checklist\/src\/checklist\.ts$/, why: 'gets items that were redacted' },
  {
    file: /^packages\/kubernetes\/src\/verdict\/signatures\/wording\.ts$/,
    why: 'gets messages that are safe',
  },
  { file: /^packages\/backup\/src\/read-back\.ts$/, why: 'shortens a digest' },
  { file: /^actions\/build-push\/src\/build-images\.ts$/, why: 'shortens a digest' },
];
/** `data` is what a parser reads; a sentence that holds it prints it as it came. */
const printedData = /\$\{[^}]*(?:stdout|stderr|body|output)\.data\b[^}]*\}/;

const isDevelopment = (file: string): boolean => /^packages\/(?:local-runner|test-services)\//.test(file);

function findings(pattern: RegExp, files: readonly string[]): string[] {
  return files
    .filter((file) => file !== home && file !== own)
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
    );
}

describe('text from outside', () => {
  test('is made nowhere by a cast', () => {
    expect(shipped).toContain(home);
    expect(findings(cast, sources)).toEqual([]);
  });

  test('is cut by nothing but its own methods', () => {
    const cutting = findings(
      cut,
      shipped.filter((file) => !isDevelopment(file)),
    );
    expect(
      cutting.filter((found) => !safeCuts.some(({ file }) => file.test(found.split(':')[0] ?? ''))),
    ).toEqual([]);
    expect(
      safeCuts.filter(({ file }) => !cutting.some((found) => file.test(found.split(':')[0] ?? ''))),
    ).toEqual([]);
  });

  test('is put into no sentence as it came', () => expect(findings(printedData, shipped)).toEqual([]));

  test('runs through one executor', () => {
    const executor = 'packages/kernel/src/process/child.ts';
    const spawning = findings(/from 'node:child_process'/, shipped).filter((found) => !isDevelopment(found));
    expect(spawning.filter((found) => !/^packages\/kernel\/src\/process\/\w+\.ts:/.test(found))).toEqual([]);
    expect(read(executor)).toContain('node:child_process');
  });
});

test.each([
  ['const text = said as OutsideText;', true],
  ['return x as unknown as OutsideText;', true],
  ['as [OutsideText, OutsideText]', false],
  ['readonly (string | OutsideText)[]', false],
])('the search for casts sees %j: %s', (line, seen) => expect(cast.test(line)).toBe(seen));

test.each([
  ['`failed: ${done.stderr.data}`', true],
  ['`failed: ${done.stderr}`', false],
  ['JSON.parse(done.stdout.data)', false],
])('the search for printed data sees %j: %s', (line, seen) => expect(printedData.test(line)).toBe(seen));

test.each([
  ['`${text.slice(0, 80)}…`', true],
  ['return `${line.slice(0, Math.min(a, b))}\\n…`;', true],
  ['`${names.slice(0, 3).join(", ")} and more…`', false],
])('the search for cuts sees %j: %s', (line, seen) => expect(cut.test(line)).toBe(seen));
