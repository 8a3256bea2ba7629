import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Grammar, idempotenceProblems, loadGrammar, readScript } from '@slipway/sql';

let grammar: Grammar;
beforeAll(async () => {
  grammar = await loadGrammar();
});
const problems = (sql: string): string[] =>
  idempotenceProblems(readScript(grammar, 'schema.sql', sql)).map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );

describe('a file that runs before every release may hold', () => {
  test.each([
    ['CREATE TABLE IF NOT EXISTS t (a int);'],
    ['CREATE INDEX IF NOT EXISTS i ON t (a);'],
    ['CREATE EXTENSION IF NOT EXISTS pgcrypto;'],
    ['CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;'],
    ['CREATE OR REPLACE VIEW v AS SELECT 1;'],
    ['DROP TRIGGER IF EXISTS g ON t; CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();'],
    ['DROP POLICY IF EXISTS p ON t; CREATE POLICY p ON t USING (true);'],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int;'],
    ['ALTER TABLE t DROP CONSTRAINT IF EXISTS c; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);'],
    ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 1, ALTER COLUMN a SET NOT NULL; COMMENT ON TABLE t IS 'x';"],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;'],
    ['INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT FROM t);'],
    ["DO $$ BEGIN CREATE TYPE e AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;"],
    ["ALTER TYPE e ADD VALUE IF NOT EXISTS 'b'; GRANT SELECT ON t TO public; SET search_path = public;"],
  ])('%s', (sql) => {
    expect(problems(sql)).toEqual([]);
  });
});

describe('and not', () => {
  test.each([
    ['CREATE TABLE t (a int);', 'write IF NOT EXISTS'],
    ['CREATE INDEX IF NOT EXISTS i ON t (a);\n  CREATE INDEX j ON t (a);', 'write IF NOT EXISTS'],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;', 'write CREATE OR REPLACE'],
    ['CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f();', 'DROP TRIGGER IF EXISTS before it'],
    ["CREATE TYPE e AS ENUM ('a');", 'catch duplicate_object in a DO block'],
    ['ALTER TABLE t ADD COLUMN b int;', 'write ADD COLUMN IF NOT EXISTS'],
    ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);', 'DROP CONSTRAINT IF EXISTS before it'],
    ['DROP TABLE t;', 'write IF EXISTS'],
    ['INSERT INTO t VALUES (1);', 'write ON CONFLICT DO NOTHING'],
    ['UPDATE t SET a = a + 1;', 'move it to a migration'],
    ["ALTER TYPE e ADD VALUE 'b';", 'write ADD VALUE IF NOT EXISTS'],
    ['ALTER TABLE t RENAME TO u;', 'move it to a migration'],
  ])('%s', (sql, remedy) => {
    const [problem] = problems(sql);
    expect(problem).toMatch(/^schema\.sql:\d+:\d+: ".+" cannot run a second time: /);
    expect(problem).toContain(remedy);
  });
});
