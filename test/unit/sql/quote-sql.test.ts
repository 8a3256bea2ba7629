import { describe, expect, test } from '@jest/globals';
import { quoteSql } from '@slipway/sql';
import * as fc from 'fast-check';
import { copyableSql } from '../../../packages/sql/src/syntax/quote-sql.ts';

describe('a statement in a sentence', () => {
  test.each([
    ["CREATE ROLE app PASSWORD 'hunter2';", "CREATE ROLE app PASSWORD '…'"],
    ["SELECT E'a\\'b',\n  $x$ it's $x$ -- note\n, 1", "SELECT '…', '…' , 1"],
    ["INSERT INTO t VALUES ('never closed", "INSERT INTO t VALUES ('…'"],
    ["SELECT 'a''b' /* 'c' */ \"it's\"", "SELECT '…' \"it's\""],
  ])('%s', (sql, quoted) => expect(quoteSql(sql)).toBe(quoted));

  test('is cut between two tokens', () => {
    expect(quoteSql('SELECT first_column, second_column FROM t', 20)).toBe('SELECT first_column,…');
  });

  test('shows no part of a literal, wherever it is cut', () => {
    const literal = fc.stringMatching(/^[A-Za-z0-9!]{8,40}$/).map((text) => `sEcReT${text}`);
    fc.assert(
      fc.property(literal, fc.integer({ min: 1, max: 200 }), (secret, maxLength) => {
        const sql = `ALTER SUBSCRIPTION s CONNECTION 'host=db password=${secret}'; SELECT $$${secret}$$`;
        for (const quoted of [quoteSql(sql, maxLength), copyableSql(sql)]) expect(quoted).not.toMatch(/sE/);
      }),
    );
  });
});

describe('SQL that is to be copied', () => {
  test('keeps its literals when it is complete', () => {
    const clause = "ADD COLUMN state text DEFAULT 'new' CHECK (state IN ('new', 'done'))";
    expect(copyableSql(clause)).toBe(clause);
  });

  test('loses them when it names a secret, or is too long', () => {
    expect(copyableSql("SET app.jwt_secret = 'x'")).toBe("SET app.jwt_secret = '…'");
    const long = `ADD CHECK (state IN (${Array.from({ length: 60 }, (_, at) => `'state ${at}'`).join(', ')}))`;
    expect(copyableSql(long)).toMatch(/^ADD CHECK \(state IN \('…', '…'/);
    expect(copyableSql(long)).not.toContain('state 1');
  });
});
