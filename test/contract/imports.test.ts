import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkImports } from '../../scripts/imports.ts';
import { root } from '../support/action.ts';

test('imports go in the direction of the design', async () => {
  expect(await checkImports()).toEqual([]);
});

describe('a violation is found:', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-imports-'));
    symlinkSync(path.join(root, 'node_modules/typescript'), mkdir('node_modules', 'typescript'));
    const manifest = { name: 'x', dependencies: { zod: '*' }, devDependencies: { jest: '*' } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Makes the folder and returns the path of what is to stand in it. */
  function mkdir(...parts: string[]): string {
    const file = path.join(folder, ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  }

  /** A package of ours that can be imported by its name. */
  function addPackage(name: string, text: string): void {
    writeFileSync(mkdir('packages', name, 'src/index.ts'), text);
    const manifest = { name: `@slipway/${name}`, exports: { '.': './src/index.ts' } };
    writeFileSync(mkdir('packages', name, 'package.json'), JSON.stringify(manifest));
    symlinkSync(path.join(folder, 'packages', name), mkdir('node_modules/@slipway', name));
  }

  test.each([
    [
      'kernel',
      "import { x } from '@slipway/target'; export const y = x;",
      'report',
      'kernel imports no package of ours',
    ],
    [
      'signals',
      "import { x } from '@slipway/target'; export const y = x;",
      'platform',
      'signals never imports its neighbours or the runner',
    ],
    [
      'postgres',
      "import type { x } from '@slipway/target'; export type Y = typeof x;",
      'runner',
      'postgres never imports its neighbours or the runner',
    ],
    [
      'sql',
      "import type { x } from '@slipway/target'; export type Y = typeof x;",
      'postgres',
      'sql never imports its neighbours or the runner',
    ],
    [
      'compose',
      "import { x } from '@slipway/target'; export const y = x;",
      'kubernetes',
      'compose never imports its neighbours or the runner',
    ],
    [
      'kubernetes',
      "import { x } from '@slipway/target'; export const y = x;",
      'compose',
      'kubernetes never imports its neighbours or the runner',
    ],
    [
      'platform',
      "import { x } from '@slipway/target'; export const y = x;",
      'config',
      'the middle takes config and release as types only',
    ],
    [
      'runner',
      "import { x } from '@slipway/target'; export const y = x;",
      'report',
      'the runner imports config, release and the kernel only',
    ],
    [
      'release',
      "import { x } from '@slipway/target'; export const y = x;",
      'config',
      'config and release import nothing but the kernel',
    ],
    [
      'signals',
      "import { x } from '@slipway/target'; export const y = x;",
      'test-services',
      'nothing shipped imports what is for development',
    ],
  ])('%s with %j of %s', async (from, text, to, rule) => {
    addPackage(to, 'export const x = 1;');
    addPackage(from, text.replace('target', to));
    expect(await checkImports(folder)).toEqual([
      `${rule}: packages/${from}/src/index.ts -> packages/${to}/src/index.ts`,
    ]);
  });

  test('types of config are allowed', async () => {
    addPackage('config', 'export interface X { a: 1 }');
    addPackage('report', "import type { X } from '@slipway/config'; export type Y = X;");
    expect(await checkImports(folder)).toEqual([]);
  });

  test.each([
    ['verdict', 'cluster', 'the pure rooms of kubernetes import no other room'],
    ['manifests', 'rollout', 'the pure rooms of kubernetes import no other room'],
    ['cluster', 'render', 'the cluster of kubernetes imports pure rooms only'],
  ])('the room %s of kubernetes with the room %s', async (from, to, rule) => {
    const source = `packages/kubernetes/src/${from}/a.ts`;
    const target = `packages/kubernetes/src/${to}/b.ts`;
    writeFileSync(mkdir(source), `import type { X } from '../${to}/b.ts'; export type Y = X;`);
    writeFileSync(mkdir(target), 'export type X = 1;');
    expect(await checkImports(folder)).toContain(`${rule}: ${source} -> ${target}`);
  });

  test('types of each other, which no file may import', async () => {
    writeFileSync(
      mkdir('packages/kernel/src/index.ts'),
      "import type { B } from './b.ts'; export type A = B[];",
    );
    writeFileSync(
      mkdir('packages/kernel/src/b.ts'),
      "import type { A } from './index.ts'; export type B = A[];",
    );
    const [problem] = await checkImports(folder);
    expect(problem).toMatch(/^no cycles: packages\/kernel\/src\//);
  });

  test('actions, cycles, lone and lost modules', async () => {
    writeFileSync(mkdir('actions/a/src/index.ts'), "import '../../b/src/index.ts'; import './gone.ts';");
    writeFileSync(mkdir('actions/b/src/index.ts'), 'export {};');
    writeFileSync(mkdir('packages/kernel/src/a.ts'), "import { k } from './b.ts'; export const c = k;");
    writeFileSync(mkdir('packages/kernel/src/b.ts'), "import { c } from './a.ts'; export const k = c;");
    writeFileSync(mkdir('packages/kernel/src/lone.ts'), 'export {};');
    const rules = (await checkImports(folder)).map((line) => line.split(': ')[0]);
    expect(new Set(rules)).toEqual(
      new Set(['actions never import actions', 'every import is found', 'no cycles', 'every module is used']),
    );
  });

  test('no module at all', async () => {
    await expect(checkImports(folder)).rejects.toThrow(/no module found/);
  });
});
