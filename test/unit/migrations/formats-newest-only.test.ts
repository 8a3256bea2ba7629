import { describe, expect, test } from '@jest/globals';
import type { AppliedMigration } from '@slipway/migrations';
import fc from 'fast-check';
import { settleInferredRows } from '../../../packages/migrations/src/formats/newest-only.ts';

const applied = (...versions: string[]): AppliedMigration[] =>
  versions.map((version) => ({ version, checksum: null, state: 'applied' }));

describe('a table that holds the newest version only', () => {
  test.each([
    ['before anything is noted, all count', ['1', '2', '3'], [], ['1', '2', '3'], ['1', '2', '3']],
    ['below what is noted, what is not has not run', ['1', '2', '3'], ['1', '3'], ['1', '3'], []],
    [
      'above what is recorded, the tool was run without Slipway',
      ['1', '2', '3'],
      ['1'],
      ['1', '2', '3'],
      ['2', '3'],
    ],
    ['numbers count, not their zeros', ['008', '009', '010'], ['8', '10'], ['008', '010'], []],
  ])('%s', (_, files, known, rows, unrecorded) => {
    expect(settleInferredRows(applied(...files), known)).toEqual({ rows: applied(...rows), unrecorded });
  });

  test('a failed row is never written down as applied', () => {
    const rows: AppliedMigration[] = [...applied('1'), { version: '2', checksum: null, state: 'failed' }];
    expect(settleInferredRows(rows, [])).toEqual({ rows, unrecorded: ['1'] });
  });

  test('once what was found is written down, exactly the files of that moment hold', () => {
    const numbers = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(numbers, numbers, (then, more) => {
        const ofThen = then.map(String);
        const top = Math.max(...then);
        const late = more.filter((one) => !then.includes(one) && one < top).map(String);
        const first = settleInferredRows(applied(...ofThen), []);
        const now = settleInferredRows(applied(...ofThen, ...late), first.unrecorded);
        expect(now.rows.map(({ version }) => version)).toEqual(ofThen);
        expect(now.unrecorded).toEqual([]);
      }),
    );
  });
});
