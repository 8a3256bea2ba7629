import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type * as z from 'zod';
import { refresh, refreshReadmes } from '../../scripts/readme.ts';
import { root } from '../support/action.ts';

const names = [
  'preflight-checklist',
  'db-migrate',
  'build-push',
  'rollout',
  'smoke-test',
  'watch-metrics',
  'rollback',
];

interface ActionFile {
  name: string;
  description: string;
  inputs: Record<string, { description?: string; default?: unknown; required?: boolean }>;
  outputs: Record<string, { description?: string }>;
  runs: { using: string; main: string };
}

function readAction(name: string): ActionFile {
  return parse(readFileSync(path.join(root, 'actions', name, 'action.yml'), 'utf8'));
}

async function shapeOf(name: string): Promise<Record<string, z.ZodType>> {
  const module = await import(pathToFileURL(path.join(root, 'actions', name, 'src', `${name}.ts`)).href);
  const action = Object.values(module).find((value) => (value as { name?: string } | null)?.name === name);
  return (action as { inputs: { shape: Record<string, z.ZodType> } }).inputs.shape;
}

interface Definition {
  type: string;
  defaultValue?: unknown;
  innerType?: z.ZodType;
  in?: z.ZodType;
}

/** The default as the schema has it, through whatever is wrapped around it; an empty text where there is none. */
function defaultOf(schema: z.ZodType | undefined): string {
  const { type, defaultValue, innerType, in: input } = (schema?._zod.def ?? {}) as unknown as Definition;
  if (type === 'default' || type === 'prefault') return String(defaultValue);
  const inner = innerType ?? input;
  return inner ? defaultOf(inner) : '';
}

describe.each(names)('action.yml of %s', (name) => {
  test('has the inputs of the schema, with the same defaults', async () => {
    const shape = await shapeOf(name);
    const { inputs } = readAction(name);
    const described = Object.entries(inputs).map(([key, input]) => {
      const text = String(input.default ?? '');
      // What GitHub fills in is not for the schema to know.
      return [key, { default: text.startsWith('${{') ? '' : text, required: input.required === true }];
    });
    const declared = Object.entries(shape).map(([key, schema]) => [
      key,
      { default: defaultOf(schema), required: !schema.safeParse(undefined).success },
    ]);
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(declared));
  });

  test('has the common outputs, and runs the bundle on Node 24', () => {
    const { outputs, runs, description } = readAction(name);
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(['outcome', 'release', 'summary', 'report']));
    expect(runs).toMatchObject({ using: 'node24', main: `../../dist/${name}/index.js` });
    expect(description).toMatch(/\S/);
  });
});

test('the tables in the READMEs are what action.yml says', () => {
  expect(refreshReadmes(root, false)).toEqual([]);
});

describe('a generated table', () => {
  let folder: string;
  const readme = '# x\n<!-- inputs:x -->\nold\n<!-- /inputs -->\ntext\n';
  const write = (text: string): void => writeFileSync(path.join(folder, 'actions/x/action.yml'), text);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-readme-'));
    mkdirSync(path.join(folder, 'actions/x'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('has description and default, and leaves the text around it alone', () => {
    write(
      'inputs:\n  a: {description: "One | two", default: "1"}\n  b: {description: B, required: true}\n  c: {description: C, default: ""}\n',
    );
    expect(refresh(folder, readme)).toBe(
      [
        '# x',
        '<!-- inputs:x -->',
        '',
        '| Input | Description | Default |',
        '| --- | --- | --- |',
        '| `a` | One \\| two | `1` |',
        '| `b` | B | **required** |',
        '| `c` | C |  |',
        '',
        '<!-- /inputs -->',
        'text',
        '',
      ].join('\n'),
    );
    expect(refresh(folder, refresh(folder, readme))).toBe(refresh(folder, readme));
  });

  test('is found stale, missing, undescribed or unclosed', () => {
    const file = path.join(folder, 'actions/x/README.md');
    write('inputs: {a: {description: A}}');
    expect(refreshReadmes(folder, false)).toEqual(['actions/x/README.md is missing']);
    writeFileSync(file, readme);
    expect(refreshReadmes(folder, false)).toEqual([
      'actions/x/README.md has no block <!-- outputs:x -->',
      'actions/x/README.md is stale: run "node scripts/readme.ts"',
    ]);
    write('inputs: {a: {default: "1"}}');
    expect(refreshReadmes(folder, false).at(-1)).toMatch(/inputs of x: "a" has no description/);
    expect(() => refresh(folder, readme.replace('<!-- /inputs -->', ''))).toThrow(/lacks its/);
    expect(() => refresh(folder, readme.replace('inputs:x', 'inputs:y'))).toThrow(/neither/);
  });
});
