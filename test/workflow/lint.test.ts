import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lintWorkflow } from '@slipway/local-runner';

const root = fileURLToPath(new URL('../..', import.meta.url));
const patterns = ['.github/workflows/*.yml', 'workflows-examples/*/.github/workflows/*.yml'];
const workflows = globSync(patterns, { cwd: root }).sort();

/** A copy of this repository's workflows with its real actions next to them. */
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'slipway-workflows-'));
  mkdirSync(path.join(copy, '.github/workflows'), { recursive: true });
  symlinkSync(path.join(root, 'actions'), path.join(copy, 'actions'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('there are workflows to lint', () => {
  expect(workflows).toEqual(expect.arrayContaining(['.github/workflows/deploy.yml']));
  expect(workflows.length).toBeGreaterThanOrEqual(7);
});

test.each(workflows)('%s is clean', async (file) => {
  expect(await lintWorkflow(path.join(root, file))).toEqual([]);
});

/** deploy.yml with one thing broken, and what must be said about it. */
test.each([
  [
    'an input that rollout has not',
    [/(uses: \$\/actions\/rollout\n\s+with:\n)(\s+)/, '$1$2bogus: 1\n$2'],
    "Invalid action input 'bogus'",
  ],
  [
    'an action that is not here',
    [/\$\/actions\/rollout\n/, '$/actions/roll-out\n'],
    'Unable to resolve action `$/actions/roll-out`',
  ],
  ['a job that is not there', [/needs: \[preflight, build\]/, 'needs: [preflight, bild]'], 'bild'],
  ['an unknown key', [/timeout-minutes: 60/, 'timeout-minuts: 60'], "Unexpected value 'timeout-minuts'"],
  [
    'an output of a step that is not there',
    [/steps\.watch\.outputs\.release \}\}\n\s+requires/, 'steps.wach.outputs.release }}\n          requires'],
    'Context access might be invalid: wach',
  ],
  ['an action by its tag', [/checkout@[0-9a-f]{40}/, 'checkout@v5'], 'is not pinned by a full commit SHA'],
] as const)('finds %s in deploy.yml', async (_, [pattern, replacement], expected) => {
  const text = readFileSync(path.join(root, '.github/workflows/deploy.yml'), 'utf8');
  const broken = text.replace(pattern, replacement);
  expect(broken).not.toBe(text);
  const file = path.join(copy, '.github/workflows/deploy.yml');
  writeFileSync(file, broken);
  const line = broken.split('\n').findIndex((one) => !text.split('\n').includes(one)) + 1;
  const message = expect.stringContaining(expected);
  expect(await lintWorkflow(file)).toContainEqual(expect.objectContaining({ line, message }));
});
