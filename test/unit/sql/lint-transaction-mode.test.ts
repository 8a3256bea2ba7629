import { describe, expect, test } from '@jest/globals';
import { loadGrammar, readScript, transactionMode } from '@slipway/sql';

const grammar = await loadGrammar();
const mode = (sql: string) => transactionMode(readScript(grammar, 'f.sql', sql));

describe('a file runs in one transaction', () => {
  test.each([
    'CREATE TABLE t (a int); CREATE INDEX ON t (a)',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY m',
    'ANALYZE t',
    'CLUSTER t USING i',
    'SAVEPOINT a; ROLLBACK TO a; RELEASE a',
    'ALTER TABLE t DETACH PARTITION p FINALIZE',
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)",
    'REINDEX (CONCURRENTLY false) TABLE t',
    'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN COMMIT; END$$',
    "SELECT 'CREATE INDEX CONCURRENTLY'; -- VACUUM",
    "ALTER TYPE e ADD VALUE 'x'",
    "ALTER TYPE e ADD VALUE 'x'; SELECT 'y'",
    "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'x'; INSERT INTO t VALUES ('x')",
    "ALTER TYPE e ADD VALUE 'x'; COMMENT ON TYPE e IS 'x'",
    "ALTER TYPE e ADD VALUE 'x'; INSERT INTO t VALUES (/* 'x' */ 'y')",
    "ALTER TYPE e ADD VALUE 'x'; INSERT INTO t VALUES ('say ''x'' twice', $$'x'$$)",
    `ALTER TYPE e ADD VALUE 'x'; INSERT INTO t ("'x'") VALUES (1)`,
  ])('%s', (sql) => expect(mode(sql)).toEqual({ mode: 'transaction' }));
});

describe('a file runs statement by statement', () => {
  test.each([
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'CREATE INDEX CONCURRENTLY i ON t (a); CREATE INDEX CONCURRENTLY j ON t (b)',
    "SET statement_timeout = '0'; DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON t (a); RESET statement_timeout",
    'REINDEX TABLE CONCURRENTLY t',
    'REINDEX (VERBOSE, CONCURRENTLY) INDEX i',
    'REINDEX SCHEMA s',
    'VACUUM (ANALYZE) t',
    'CLUSTER',
    'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
    'CREATE DATABASE d; DROP DATABASE e',
    "ALTER SYSTEM SET work_mem = '1GB'",
    "CREATE TABLESPACE s LOCATION '/x'",
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
    'DROP SUBSCRIPTION s',
    'ALTER SUBSCRIPTION s REFRESH PUBLICATION',
    'ALTER DATABASE d SET TABLESPACE s',
    'DISCARD ALL',
    "COMMIT PREPARED 'x'",
  ])('%s', (sql) => expect(mode(sql)).toEqual({ mode: 'statements' }));
});

describe('a file cannot run', () => {
  test.each([
    [
      'CREATE TABLE u (a int);\nCREATE INDEX CONCURRENTLY i ON t (a)',
      2,
      'split this file: "CREATE INDEX CONCURRENTLY i ON t (a)" cannot run in a transaction, and line 1 should',
    ],
    ['SET LOCAL x.y = 1;\nVACUUM', 2, 'split this file'],
    [
      'BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2',
      1,
      'BEGIN is not allowed here: every file runs in its own transaction',
    ],
    ['SELECT 1;\nROLLBACK', 2, 'ROLLBACK is not allowed here'],
    ["START TRANSACTION;\nPREPARE TRANSACTION 'x'", 1, 'START TRANSACTION is not allowed here'],
    ['DO $$BEGIN COMMIT; END$$', 1, 'this DO block commits'],
    [
      "ALTER TYPE e ADD VALUE 'it''s';\nINSERT INTO t VALUES ('it''s')",
      2,
      "the value 'it's', which line 1 adds to e, is used in the same transaction",
    ],
    ["ALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES ($a$x$a$)", 2, "the value 'x'"],
    ["ALTER TYPE e ADD VALUE 'x';\nINSERT INTO t VALUES (E'x')", 2, "the value 'x'"],
    ["ALTER TYPE e ADD VALUE 'it''s';\nINSERT INTO t VALUES (E'it\\'s')", 2, "the value 'it's'"],
    ["ALTER TYPE e ADD VALUE 'x';\nALTER TABLE t ALTER a SET DEFAULT 'x'", 2, "the value 'x'"],
    ["ALTER TYPE e ADD VALUE 'x';\nCREATE INDEX ON t (a) WHERE b = 'x'::e", 2, "the value 'x'"],
  ])('%j', (sql, line, message) => {
    const refused = mode(sql);
    expect(refused.mode === 'refused' && refused.problems[0]).toMatchObject({
      file: 'f.sql',
      line,
      column: 1,
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/\.$/),
    });
  });

  test('and says all of it at once', () => {
    const refused = mode('BEGIN; CREATE INDEX CONCURRENTLY i ON t (a); CREATE TABLE u (a int); COMMIT');
    expect(refused.mode === 'refused' && refused.problems).toHaveLength(3);
  });
});
