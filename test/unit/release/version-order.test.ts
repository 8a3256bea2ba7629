import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isOlderVersion } from '../../../packages/release/src/index.ts';

describe('a version is older than another', () => {
  /** In the order of section 11 of Semantic Versioning 2.0.0, and numbers of any count of parts. */
  const ordered = [
    ...['0.9.0', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2'],
    ...['1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.2', '1.10.0', '2', '2.0.0.1', '2026.11.28'],
  ];

  test('when it comes before it in the order of Semantic Versioning, and only then', () => {
    for (const [at, one] of ordered.entries())
      for (const [than, other] of ordered.entries())
        expect([one, other, isOlderVersion(one, other)]).toEqual([one, other, at < than]);
  });

  test.each([
    ['1.0.0+2', '1.0.0+3'],
    ['1.0.0', '1.0'],
    ['1.0.0', '1.0.0'],
    ['main', '1.0.0'],
    ['1.0.0', 'nightly'],
    ['', '1.0.0'],
    ['1..0', '2.0.0'],
  ])('never when they are equal, or when one of them is not such a version: %s and %s', (one, other) => {
    expect([isOlderVersion(one, other), isOlderVersion(other, one)]).toEqual([false, false]);
  });

  test('never both ways', () => {
    const version = fc.oneof(fc.string(), fc.constantFrom(...ordered), fc.stringMatching(/^\d+(\.\d+)*$/));
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(isOlderVersion(one, other) && isOlderVersion(other, one)).toBe(false);
      }),
    );
  });
});
