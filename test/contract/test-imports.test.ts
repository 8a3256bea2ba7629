import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../support/action.ts';

test('tests reach past the index of a package only in the folder of that package in test/unit', () => {
  const files = globSync('test/**/*.ts', { cwd: root }).sort();
  expect(files.length).toBeGreaterThan(150);
  expect(files.flatMap(deepImports)).toEqual([]);
});

/** Imports of a source of a package by its path, out of the folder of the tests of another. */
function deepImports(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const own = /^test\/unit\/([^/]+)\//.exec(file)?.[1];
  return [...text.matchAll(/from '(?:\.\.\/)+packages\/([^/]+)\/(?:src|scripts)\/([^']+)'/g)]
    .filter(([, name, target]) => name !== own && target !== 'index.ts')
    .map(([, name, target]) => `${file}: packages/${name}/…/${target}`);
}
