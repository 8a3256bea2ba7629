import { describe, expect, test } from '@jest/globals';
import { contentProblems, sqlText } from '@slipway/sql';

test('the mark that some editors put first is not part of the text', () => {
  expect(sqlText(Buffer.from('\uFEFFSELECT 2;'))).toBe('SELECT 2;');
});

describe('what may stand in a file', () => {
  test.each([
    ['backslashes in strings', "SELECT 'x \\', E'it\\'s \\\\';"],
    ['backslashes in names', 'SELECT 1 AS "\\";'],
    ['backslashes in comments', '-- \\i a\n/* a /* \\i */ \\i b */ SELECT 1;'],
    ['backslashes in a block', "DO $x$ BEGIN PERFORM E'\\n'; END $x$;"],
    ['the rows of a COPY', 'COPY t FROM stdin;\n\\N\n\\.\nSELECT 1;'],
    [
      'known markers',
      '-- slipway: contract\n-- slipway: allow drop-table because nobody reads it\nDROP TABLE t;',
    ],
  ])('%s', (_what, sql) => {
    expect(contentProblems('f.sql', Buffer.from(sql))).toEqual([]);
  });
});

describe('what may not', () => {
  test.each<[string, string | Buffer, string]>([
    ['psql in mid line', 'SELECT 1 \\gset', 'f.sql:1:10: backslash commands'],
    ['psql at a start', 'SELECT 1;\n\\i other.sql', 'f.sql:2:1: backslash commands'],
    [
      'a marker that is misspelt',
      '-- slipway: contrct\nSELECT 1;',
      'f.sql:1:1: "slipway: contrct" is unknown',
    ],
    ['nothing', '-- nothing /* here */\n', 'f.sql: the file contains no statement'],
    ['another encoding', Buffer.from([0x53, 0xe9]), 'f.sql: the file is not UTF-8'],
    ['a NUL', Buffer.from('SELECT 1;\0'), 'f.sql: the file contains a NUL byte'],
  ])('%s', (_what, content, problem) => {
    expect(contentProblems('f.sql', Buffer.from(content))[0]).toContain(problem);
  });

  test('a hundred commands of psql, without a hundred lines about them', () => {
    expect(contentProblems('f.sql', Buffer.from('SELECT 1 \\gset\n'.repeat(100)))).toHaveLength(3);
  });
});
