import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { licenceOf, productionPackages } from '../../scripts/licenses.ts';
import { root } from '../support/action.ts';

/** Licences whose works may be part of a bundle under MIT, with their notices retained (ncc writes licenses.txt). */
const compatible =
  /^(?:MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)$/;

/** Of alternatives one must do; of a conjunction all must. */
function isCompatible(expression: string): boolean {
  return expression
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => compatible.test(licence.trim())));
}

describe('licences', () => {
  test('of everything that goes into a bundle go with MIT', () => {
    const packages = productionPackages(root);
    expect(packages.length).toBeGreaterThan(10);
    expect(
      packages
        .map((where) => [where, licenceOf(root, where)])
        .filter(([, name]) => !isCompatible(name ?? '')),
    ).toEqual([]);
  });

  test.each(readdirSync(path.join(root, 'dist')))('are listed next to the bundle %s', (bundle) => {
    const listed = readFileSync(path.join(root, 'dist', bundle, 'licenses.txt'), 'utf8');
    const names = productionPackages(root).map((where) => where.replace(/^.*node_modules\//, ''));
    expect(names.filter((name) => !new RegExp(`^${name} \\d`, 'm').test(listed))).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only', false],
    ['none', false],
  ])('%s: %s', (expression, fits) => expect(isCompatible(expression)).toBe(fits));
});
