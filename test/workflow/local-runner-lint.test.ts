import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lintWorkflow } from '@slipway/local-runner';

const self = fileURLToPath(new URL('../..', import.meta.url));
let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'slipway-lint-'));
  file = path.join(home, '.github/workflows/main.yml');
  mkdirSync(path.dirname(file), { recursive: true });
  mkdirSync(path.join(home, 'actions/here'), { recursive: true });
  const action =
    'name: Here\ndescription: Here\ninputs: { known: { description: Known } }\nruns: { using: node24, main: x.js }\n';
  writeFileSync(path.join(home, 'actions/here/action.yml'), action);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const checkout = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8';
const called = 'OWNER/slipway/.github/workflows/rollback.yml@v1';
const step = (text: string): string => `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - ${text}\n`;
const call = (more: string): string => `on: push\njobs:\n  a:\n    uses: ${called}\n    ${more}\n`;

test.each([
  ['a step', step(`{ uses: ${checkout}, with: { fetch-depth: 0 } }`), []],
  ['an action of the repository', step('{ uses: $/actions/here, with: { known: 1 } }'), []],
  ['a call', call('with: { environment: staging, force: true }'), []],
  [
    'an unknown key',
    'on: push\njobs:\n  a:\n    runs-on: x\n    stepz: 1\n    steps: [{ run: x }]\n',
    ["5: Unexpected value 'stepz'"],
  ],
  [
    'an input that checkout has not',
    step(`{ uses: ${checkout}, with: { fetch-dept: 0 } }`),
    ["6: Invalid action input 'fetch-dept'"],
  ],
  [
    'an input that our action has not',
    step('{ uses: $/actions/here, with: { bogus: 1 } }'),
    ["6: Invalid action input 'bogus'"],
  ],
  [
    'an action that is not there',
    step('{ uses: $/actions/nope }'),
    ['6: Unable to resolve action `$/actions/nope`'],
  ],
  [
    'an action that nobody checked',
    step('{ uses: someone/thing@08c6903cd8c0fde910a37f88322edcfb5dd907a8 }'),
    ['6: Unable to resolve action `someone/thing'],
  ],
  ['an action by its tag', step('{ uses: actions/checkout@v5 }'), ['6: actions/checkout@v5 is not pinned']],
  [
    'an input that the workflow has not',
    call('with: { envronment: x }'),
    ['5: Invalid input, envronment is not defined'],
  ],
  [
    'a secret that the workflow has not',
    call('secrets: { NOPE: x }'),
    ['5: Invalid secret, NOPE is not defined'],
  ],
  [
    'a step that is not there',
    step('{ run: "echo ${{ steps.nope.outputs.x }}" }'),
    ['6: Context access might be invalid: nope'],
  ],
  [
    'a context out of its place',
    'on: push\njobs:\n  a: { runs-on: x, if: secrets.X, steps: [{ run: x }] }\n',
    ["3: Unrecognized named-value: 'secrets'"],
  ],
])('%s', async (_, text, expected) => {
  writeFileSync(file, text);
  const problems = await lintWorkflow(file, { self });
  expect(problems.map(({ line, message }) => `${line}: ${message}`)).toEqual(
    expected.map((message) => expect.stringContaining(message)),
  );
});
