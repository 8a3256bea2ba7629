import { expect, test } from '@jest/globals';
import { matchesRef } from '../../../actions/preflight-checklist/src/ref-pattern.ts';

test.each([
  ['v*', 'v1.4.0', true],
  ['v*', 'v1/4', false],
  ['v?.*', 'v1.4.0', true],
  ['release/*', 'release/1', true],
  ['release/*', 'release/a/b', false],
  ['**/stable', 'a/b/stable', true],
  ['**/stable', 'stable', true],
  ['main', 'mainly', false],
  ['v[0-9].[!a]', 'v1.2', true],
  ['v[0-9].[!a]', 'v1.a', false],
  ['v1.0', 'v1x0', false],
  ['a+(b)', 'a+(b)', true],
])('%s and %s: %s', (pattern, name, expected) => expect(matchesRef(pattern, name)).toBe(expected));
