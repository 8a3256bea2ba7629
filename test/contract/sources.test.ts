import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from '../support/action.ts';

const sources = globSync('{packages,actions}/*/src/**/*.ts', { cwd: root }).sort();
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The GitHub runner's protocol and the process itself: the runner package alone speaks them. */
const protocol =
  /process\.(?:env|exit|exitCode)\b|\bINPUT_|\bGITHUB_(?!TOKEN\b)[A-Z]+|::(?:error|warning|notice|debug|group|add-mask|set-output|save-state)\b/;
const mayTouchIt = /^packages\/(?:runner|local-runner|test-services)\//;

/** Lines that may name it all the same, each with the reason. */
const exceptions: readonly { file: string; line: RegExp; why: string }[] = [
  {
    file: 'actions/preflight-checklist/src/checkout.ts',
    line: /GITHUB_SHA is not set/,
    why: 'names to the reader what is missing; the value comes from the context',
  },
  {
    file: 'actions/preflight-checklist/src/github.ts',
    line: /GITHUB_REPOSITORY is not set/,
    why: 'as above',
  },
];

describe('sources', () => {
  test('are there at all', () => expect(sources.length).toBeGreaterThan(50));

  test('are at most 300 lines long, those of the tests and tools as well', () => {
    const others = globSync('{test,bench,demo,scripts}/**/*.ts', { cwd: root });
    expect(others.length).toBeGreaterThan(100);
    expect([...sources, ...others].filter((file) => read(file).split('\n').length > 301)).toEqual([]);
  });

  test("leave the GitHub runner's protocol to packages/runner", () => {
    expect(sources.filter((file) => !mayTouchIt.test(file)).flatMap(mentions)).toEqual([]);
  });

  test('have no exception that nothing needs any more', () => {
    expect(exceptions.filter(({ file, line }) => !sources.includes(file) || !line.test(read(file)))).toEqual(
      [],
    );
  });
});

function mentions(file: string): string[] {
  return read(file)
    .split('\n')
    .map((text, at) => ({ text, where: `${file}:${at + 1}` }))
    .filter(({ text }) => protocol.test(text) && !/^\s*(?:\/\/|\/\*|\*)/.test(text))
    .filter(({ text }) => !exceptions.some((one) => one.file === file && one.line.test(text)))
    .map(({ text, where }) => `${where}: ${text.trim()}`);
}

test.each([
  ['process.exit(1)', true],
  ['const { GITHUB_SHA } = env;', true],
  ['INPUT_CONFIG', true],
  ["console.log('::error::x')", true],
  ['the GitHub API', false],
  ['Foo::bar', false],
])('the search for the protocol sees %j: %s', (text, seen) => expect(protocol.test(text)).toBe(seen));
