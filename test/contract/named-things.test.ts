import { expect, test } from '@jest/globals';
import { findUnknownNames, unknownIn } from '../../scripts/named-things.ts';
import { readKnownNames } from '../../scripts/source/known-names.ts';
import { brokenLinks } from '../../scripts/source/links.ts';

test('every input, output, key, file, command and link that a sentence or a page names exists', () => {
  expect(findUnknownNames()).toEqual([]);
});

const known = readKnownNames();
const page = 'README.md';

test.each([
  [page, 'Build it for the architecture of the nodes as well (input platforms).', 'input "platforms"'],
  [page, 'Set the inputs "username" and "passwort".', 'input "passwort"'],
  ['actions/smoke-test/src/x.ts', 'Set the input "github-token".', 'input "github-token"'],
  [page, 'Pass the "record" output of an earlier step.', 'output "record"'],
  [page, 'Set database.on-failure to stop.', 'key database.on-failure'],
  [page, 'services.<name>.build.platforms is a list', 'key services.<name>.build.platforms'],
  [page, 'See `packages/shelf/src/x.ts`.', 'file packages/shelf/src/x.ts'],
  [page, 'Run `npm run tests`.', 'command npm run tests'],
  [page, 'Run "slipway doctor".', 'command slipway doctor'],
])('finds in %s: %j', (file, text, what) => {
  expect(unknownIn({ file, text }, known)).toEqual([`${file}: ${what}, in: ${text}`]);
});

test.each([
  [page, 'Set the inputs "username" and "password", and kubernetes.namespace.'],
  [page, 'services.<name>.image is written to database.backup.to, see packages/config/src/index.ts.'],
  ['actions/rollout/src/x.ts', 'Set the input "images". See https://registry.example.com/x and database.ts.'],
])('accepts in %s: %j', (file, text) => {
  expect(unknownIn({ file, text }, known)).toEqual([]);
});

test('finds a link to a page or a heading that does not exist', () => {
  const text =
    '[a](SECURITY.md) [b](gone.md) [c](#no-such-heading) [d](https://example.com/x) [e](#commands)\n\n## Commands';
  expect(brokenLinks('CONTRIBUTING.md', text)).toEqual([
    'CONTRIBUTING.md: link to gone.md',
    'CONTRIBUTING.md: link to #no-such-heading',
  ]);
});
