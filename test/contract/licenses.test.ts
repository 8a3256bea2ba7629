import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from '../support/action.ts';

interface Locked {
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
}

/** Licences whose works may be part of a bundle under MIT, with their notices kept (ncc writes licenses.txt). */
const compatible =
  /^(?:MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)$/;

/** Works on the runner of the build, in no bundle. */
const notBundled = /^node_modules\/node-(?:linux|darwin|win)-[a-z0-9]+$/;

function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages as Record<string, Locked>)
    .filter(([where, { link, dev }]) => where.startsWith('node_modules/') && !link && !dev)
    .map(([where]) => where)
    .filter((where) => !notBundled.test(where));
}

/** The SPDX expression of an installed package; old packages write it as an object or a list. */
function licenceOf(where: string): string {
  const { license, licenses } = JSON.parse(readFileSync(path.join(root, where, 'package.json'), 'utf8'));
  const named = license ?? licenses?.[0];
  return (typeof named === 'object' ? named?.type : named) ?? 'none';
}

/** Of alternatives one must do; of a conjunction all must. */
function isCompatible(expression: string): boolean {
  return expression
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => compatible.test(licence.trim())));
}

describe('licences', () => {
  test('of everything that goes into a bundle go with MIT', () => {
    const packages = productionPackages();
    expect(packages.length).toBeGreaterThan(10);
    expect(
      packages.map((where) => [where, licenceOf(where)]).filter(([, name]) => !isCompatible(name ?? '')),
    ).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only', false],
    ['none', false],
  ])('%s: %s', (expression, fits) => expect(isCompatible(expression)).toBe(fits));
});
