import { expect, test } from '@jest/globals';
import { ruleNames, rulesFor } from '../../../packages/sql/src/lint/catalogue.ts';
import { tableAfter } from '../../support/documents.ts';

/** Rules for a pair of up and down files, whose findings are only logged. */
const ofPairs = ['no-down', 'irreversible-down'];

test('the page about the lint has a row for each rule, with its level', () => {
  const named = new Map(rulesFor([]).map((rule) => [rule.name, rule]));
  const expected = ruleNames().map((name) => {
    if (ofPairs.includes(name)) return [name, 'info'];
    return [name, `${named.get(name)?.level}${named.get(name)?.contract ? ', contract' : ''}`];
  });
  expect(expected.length).toBeGreaterThan(30);
  expect(tableAfter('lint.md', 'rules', 2).toSorted()).toEqual(expected.toSorted());
});
