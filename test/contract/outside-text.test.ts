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
/** `data` is what a parser reads; a sentence that holds it prints it as it came. */
const printedData = /\$\{[^}]*(?:stdout|stderr|body|output)\.data\b[^}]*\}/;

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

  test('is put into no sentence as it came', () => expect(findings(printedData, shipped)).toEqual([]));

  test('runs through one executor', () => {
    const executor = 'packages/kernel/src/process/child.ts';
    const development = /^packages\/(?:local-runner|test-services)\//;
    const spawning = findings(/from 'node:child_process'/, shipped).filter(
      (found) => !development.test(found),
    );
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
