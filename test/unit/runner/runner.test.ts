import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '../../../packages/release/src/index.ts';
import { readEnvironment } from '../../../packages/runner/src/environment.ts';
import { parseOutputs, root } from '../../support/action.ts';

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-runner-'));
  writeFileSync(path.join(workspace, 'slipway.yml'), 'app: docsense\nservices: {backend: {image: a/b}}\n');
});

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

interface ActionResult {
  code: number | null;
  stdout: string;
  outputs: Record<string, string>;
  summary: string;
}

/** Runs an action in a separate process. `main` is the source of its body, `render` that of its renderer. */
async function runMain(
  main: string,
  render = '() => ({ markdown: "rendered", html: "" })',
): Promise<ActionResult> {
  const [output, summary] = ['output', 'summary'].map((name) => path.join(workspace, name)) as [
    string,
    string,
  ];
  for (const file of [output, summary]) writeFileSync(file, '');
  const source = `import { defineAction, runAction } from '@slipway/runner';
    await runAction(defineAction({ name: 'probe', inputs: {}, uses: [], async main(context) { ${main} } }), async () => ({ render: ${render} }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      INPUT_CONFIG: 'slipway.yml',
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      SLIPWAY_SECRETS: 'HIDDEN=Kw82mXpQ',
    },
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    code,
    stdout: stdout.replace(/^::add-mask::.*\n/gm, ''),
    outputs: parseOutputs(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
  };
}

const passes = 'return { outcome: "passed", summary: "Done." };';

describe('whatever happens in the work, there are outputs, one annotation and the right exit code', () => {
  test.each<[string, string, number, string, string]>([
    ['it passes', passes, 0, 'passed', 'Done.'],
    ['it throws', 'throw new Error("broken: Kw82mXpQ")', 1, 'failed', 'broken: ***'],
    ['it throws no error', 'throw undefined', 1, 'failed', 'undefined'],
    [
      'an event throws',
      'setTimeout(() => { throw new Error("from an event") }, 5); await new Promise((go) => setTimeout(go, 5000));',
      1,
      'failed',
      'from an event',
    ],
    [
      'a promise that nobody waits for rejects',
      'Promise.reject(new Error("from nowhere")); await new Promise((go) => setTimeout(go, 5000));',
      1,
      'failed',
      'from nowhere',
    ],
  ])('%s', async (_title, main, code, outcome, summary) => {
    const result = await runMain(main);
    expect({ code: result.code, ...result.outputs }).toMatchObject({ code, outcome, summary });
    expect(decodeRecord(result.outputs.release ?? '').phases[0]).toMatchObject({
      name: 'probe',
      outcome,
      summary,
    });
    expect(result.summary.trim()).toBe('rendered');
    expect(result.stdout.match(/^::error/gm) ?? []).toHaveLength(code);
    expect(result.stdout).not.toContain('Kw82mXpQ');
  });

  test('a promise never settles', async () => {
    const result = await runMain('await new Promise(() => undefined)');
    expect([result.code, result.stdout.trim()]).toEqual([
      1,
      '::error::probe exited without a result: a promise in it never settled',
    ]);
  });

  test('a connection stays open', async () => {
    expect((await runMain(`setInterval(() => undefined, 1000); ${passes}`)).code).toBe(0);
  });

  test('all that was said is written before the end, also when it is read late', async () => {
    const lines = 200_000;
    const result = await runMain(
      `for (let at = 1; at <= ${lines}; at++) context.log.info('line ' + at); setInterval(() => undefined, 1000); ${passes}`,
    );
    expect(result.stdout.trim().split('\n').slice(-2)).toEqual([`line ${lines}`, 'Done.']);
    expect(result.stdout.match(/^line /gm)).toHaveLength(lines);
  });

  test('what was given up on may still put things back', async () => {
    const file = path.join(workspace, 'put-back');
    await runMain(
      `setTimeout(() => { throw new Error("from an event") }, 5);
      await new Promise((go) => setTimeout(go, 50));
      process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(file)}, ''); return new Promise(() => undefined);`,
    );
    expect(existsSync(file)).toBe(true);
  });

  test('the report cannot be rendered: the release is not failed by its picture', async () => {
    const result = await runMain(passes, '() => { throw new Error("no canvas") }');
    expect([result.code, result.outputs.outcome, result.summary]).toEqual([
      0,
      'passed',
      '### probe: passed\n\n<pre>Done.</pre>\n',
    ]);
    expect(result.stdout).toContain('! the report could not be rendered: no canvas');
  });

  test('text from outside speaks no workflow command', async () => {
    const evil = JSON.stringify(
      [
        'a\n::set-output name=x::y\r\n##[error]z',
        'b #\r#[add-mask]x',
        ':\r:add-mask::x',
        '\u0085::add-mask::x',
        'c\u0085::add-mask::x',
        '\u00a0\u3000::add-mask::x',
        '\u200d::add-mask::x',
        ':\u00ad:add-mask::x',
        'd #\0#[add-mask]x',
        'e #\u200d#\u00ad[add-mask]x',
        '\u001b[0m::add-mask::x',
      ].join('\n'),
    );
    const result = await runMain(
      `context.log.info(${evil}); return { outcome: "passed", summary: ${evil} };`,
    );
    // What .NET trims from a line, and what it does not see when it compares.
    expect(result.stdout).not.toMatch(
      /^[\s\u0085\p{Default_Ignorable_Code_Point}\0]*:[\p{Default_Ignorable_Code_Point}\r]*:/mu,
    );
    expect(result.stdout).not.toMatch(
      /#[\p{Default_Ignorable_Code_Point}\r\0]*#[\p{Default_Ignorable_Code_Point}\r\0]*\[/u,
    );
  });
});

describe('what counts as a secret of the step', () => {
  test.each<[string, NodeJS.ProcessEnv, string[]]>([
    ['by its name', { API_TOKEN: 'abcdef', LOG_LEVEL: 'INFO' }, ['abcdef']],
    ['a URL with a password', { DATABASE_URL: 'pg://u:p%40ss@h/d' }, ['pg://u:p%40ss@h/d', 'p%40ss', 'p@ss']],
    [
      'handed over as one',
      { SLIPWAY_SECRETS: 'A=something\nB="two\nlines"' },
      ['something', 'two\nlines', 'lines'],
    ],
    ['but no small words and numbers', { SLIPWAY_SECRETS: 'A=true\nB=5432\nC=production\nD=x' }, []],
    ['unless they are named like one', { SLIPWAY_SECRETS: 'DB_PASSWORD=5432' }, ['5432']],
  ])('%s', (_title, env, expected) => expect(readEnvironment(env).redactor.values()).toEqual(expected));

  test('secrets that cannot be read are masked all the same, and the problem is known', () => {
    const step = readEnvironment({
      A: '1',
      SLIPWAY_ENV: 'B=2',
      SLIPWAY_SECRETS: 'API_KEY=Kw82mXpQ\nMIIE/vQ==\n',
    });
    expect(step.variables).toEqual({ A: '1', B: '2' });
    expect(step.problem?.message).toBe('cannot read SLIPWAY_SECRETS: line 2 is not NAME=value');
    expect(step.redactor.redact('Kw82mXpQ MIIE/vQ==')).toBe('*** ***');
  });

  test('settings that cannot be read leave the secrets masked', () => {
    const step = readEnvironment({ SLIPWAY_ENV: 'B', SLIPWAY_SECRETS: 'API_KEY=Kw82mXpQ' });
    expect(step.problem?.message).toBe('cannot read SLIPWAY_ENV: line 1 is not NAME=value');
    expect(step.redactor.values()).toEqual(['Kw82mXpQ']);
  });

  test('later variables win, and the step inputs are not among them', () =>
    expect(
      readEnvironment({ A: '1', B: '1', SLIPWAY_ENV: 'B=2\nC=2', SLIPWAY_SECRETS: 'C=3', INPUT_X: 'no' })
        .variables,
    ).toEqual({ A: '1', B: '2', C: '3' }));
});
