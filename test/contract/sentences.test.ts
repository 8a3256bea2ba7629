import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sentencesFile, sentencesText } from '../../scripts/sentences.ts';

test('the list of sentences is current: run "npm run sentences" and review the difference', () => {
  const listed = existsSync(sentencesFile) ? readFileSync(sentencesFile, 'utf8').split('\n') : [];
  const found = sentencesText().split('\n');
  expect(found.length).toBeGreaterThan(1000);
  expect({
    missing: found.filter((line) => !listed.includes(line)),
    gone: listed.filter((line) => !found.includes(line)),
  }).toEqual({ missing: [], gone: [] });
});
