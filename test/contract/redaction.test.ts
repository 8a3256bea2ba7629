import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseOutputs, root } from '../support/action.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-redaction-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs an action that prints its secret everywhere, and returns every text that leaves the step, by where it leaves. */
function printEverywhere(secret: string): Record<string, string> {
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(
    path.join(folder, '.github/slipway.yml'),
    'app: docsense\nservices: {backend: {image: example.com/a}}\n',
  );
  const files = Object.fromEntries(
    ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].map((name) => [name, path.join(folder, name)]),
  );
  for (const file of Object.values(files)) writeFileSync(file, '');
  const env = {
    PATH: process.env.PATH,
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: folder,
    LEAKY_PASSWORD: secret,
    ...files,
  };
  const result = spawnSync(process.execPath, [path.join(root, 'test/support/leaky-action.ts')], {
    env,
    encoding: 'utf8',
  });
  expect(result.status).toBe(1);
  const outputs = readFileSync(path.join(folder, 'GITHUB_OUTPUT'), 'utf8');
  return {
    stdout: result.stdout.replace(/^::add-mask::.*$/gm, ''),
    stderr: result.stderr,
    outputs,
    summary: readFileSync(path.join(folder, 'GITHUB_STEP_SUMMARY'), 'utf8'),
    report: readFileSync(parseOutputs(outputs).report ?? '', 'utf8'),
  };
}

test.each([
  ['xqwzk-vjbfh-1'],
  ['xqwzk&vjbfh<gqpzx>"wkjqv\'1'],
  ['xqwzk\\vjbfh|gqpzx_wkjqv*1'],
  ['xqwzk\tvjbfh "gqpzx"'],
])('a secret that is changed by escaping leaves in no form: %j', (secret) => {
  const { stderr, ...printed } = printEverywhere(secret);
  for (const text of Object.values(printed)) expect(text.replaceAll('\\', '')).toContain('***');
  for (const text of [stderr, ...Object.values(printed)]) {
    // Escaping changes the signs between its parts, not the parts.
    for (const part of secret.match(/[a-z]{4,}/g) ?? []) expect(text).not.toContain(part);
  }
});

test('a secret that is a word of the page does not break its script or its hashes', () => {
  const { report } = printEverywhere('uPlot');
  expect(report).toContain('<h1>docsense');
  expect(report).not.toContain('It is uPlot');
  expect(report).toContain('It is ***');
});
