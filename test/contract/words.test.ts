import { expect, test } from '@jest/globals';
import { bannedWords } from '../../scripts/source/banned-words.ts';
import { findBannedWords, formatFound, wordsIn, writtenFiles } from '../../scripts/words.ts';

test('one word for one thing: no banned word in names, comments, messages or documents', () => {
  const files = writtenFiles();
  expect(files.length).toBeGreaterThan(500);
  expect(findBannedWords(files).map(formatFound)).toEqual([]);
});

test.each([
  ['x.ts', 'const keptDocuments = 1;', ['x.ts:1: kept documents -> saved, retained, left']],
  [
    'x.ts',
    '// one\n/** Which is no\n * database. */\nexport {};',
    ['x.ts:2: /** Which is no database. */ -> is not a …'],
  ],
  ['x.ts', 'const a = `of ${b} and`, c = "Mend it.";', ['x.ts:1: Mend it. -> fix']],
  [
    'docs/a.md',
    'one\nIt runs behind\nthe proxy, beside it.',
    ['docs/a.md:3: one It runs behind the proxy, beside it. -> next to, with, in addition to'],
  ],
  ['docs/errand.md', '', ['docs/errand.md:0: errand md -> operation']],
])('sees in %s: %j', (file, text, found) => {
  expect(wordsIn(file, text).map(formatFound)).toEqual(found);
});

test.each(bannedWords)('finds $example', ({ example, in: kind, use }) => {
  const found = kind === 'name' ? wordsIn('x.ts', `const ${example} = 1;`) : wordsIn('x.md', example);
  expect(found.map((one) => one.use)).toContain(use);
});

test.each([
  'There is no container; it is no longer needed.',
  'It runs behind a reverse proxy, behind the load balancer.',
  '2 of 2 old pods kept serving during the grace period of 30 s.',
  'The foreign key is not one of the listed keys.',
  'terminationGracePeriodSeconds, stopGraceMs',
  'The contract migration contracts the schema. It looks like one.',
])('accepts %j', (text) => expect(wordsIn('x.md', text)).toEqual([]));
