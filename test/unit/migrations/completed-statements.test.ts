import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  hashesOfCompleted,
  hashOfCompleted,
} from '../../../packages/migrations/src/run/completed-statements.ts';

const sql = "-- first\nSELECT 1;\n\nSELECT ';';;\n/* third */ SELECT 3";
const statements = ['SELECT 1;', "SELECT ';';", 'SELECT 3'];
const hash = (count: number) =>
  createHash('sha256').update(statements.slice(0, count).join('\n')).digest('hex');

test('the hash of what is done is that of its statements, whatever is between them', () => {
  expect([0, 1, 2, 3, 4].map((step) => hashOfCompleted(sql, step))).toEqual([0, 1, 2, 3, 3].map(hash));
});

test('one step after the other gives the same, also twice, and from the middle on', () => {
  const hashOf = hashesOfCompleted(sql);
  expect([1, 1, 2, 3, 4].map((step) => hashOf(step))).toEqual([1, 1, 2, 3, 3].map(hash));
  expect(hashesOfCompleted(sql)(2)).toBe(hash(2));
});
