import { describe, expect, test } from '@jest/globals';
import { type CatalogFacts, lintScripts, loadGrammar, readScript } from '@slipway/sql';

const grammar = await loadGrammar();

function lint(
  texts: string | readonly string[],
  options: { appendOnly?: string[]; known?: CatalogFacts } = {},
) {
  const scripts = [texts].flat().map((sql, index) => readScript(grammar, `${index + 1}.sql`, sql));
  expect(scripts.flatMap(({ problems }) => problems)).toEqual([]);
  return lintScripts(scripts, { appendOnly: [], ...options });
}
const rules = (...of: Parameters<typeof lint>): string[] =>
  lint(...of)
    .findings.filter(({ level }) => level !== 'info')
    .map(({ rule }) => rule);

describe('what breaks the running version', () => {
  test.each([
    ['ALTER TABLE t RENAME COLUMN a TO b', ['rename']],
    ['ALTER TABLE t RENAME TO u', ['rename']],
    ['ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u', []],
    ['ALTER VIEW v RENAME TO w', ['rename']],
    ['ALTER SCHEMA s RENAME TO z', ['rename']],
    ['ALTER TABLE t SET SCHEMA s', ['rename']],
    ["ALTER TYPE e RENAME VALUE 'a' TO 'b'", ['rename']],
    ['ALTER TYPE c RENAME ATTRIBUTE a TO b', ['rename']],
    ['ALTER TABLE t RENAME CONSTRAINT a TO b', []],
    ['ALTER INDEX i RENAME TO j', []],
    ['CREATE TABLE t (a int); ALTER TABLE t RENAME COLUMN a TO b; ALTER TABLE t RENAME TO u', []],
    ['ALTER TABLE IF EXISTS t DROP COLUMN IF EXISTS a', ['drop-column']],
    ['ALTER TABLE t DROP COLUMN a, DROP COLUMN b', ['drop-column', 'drop-column']],
    ['DROP TABLE a, public.b', ['drop-table', 'drop-table']],
    ['CREATE TABLE a (b int); DROP TABLE a, b', ['drop-table']],
    ['CREATE TEMP TABLE a AS SELECT 1; DROP TABLE a', []],
    ['DROP VIEW v', ['drop-object']],
    ['DROP VIEW v; CREATE VIEW v AS SELECT 1', []],
    ['DROP FUNCTION f(int); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$SELECT 1$$', []],
    ['DROP TABLE t; CREATE TABLE t (a int)', ['drop-table']],
    ['DROP TYPE e', ['drop-object']],
    ["CREATE TYPE e AS ENUM ('a'); DROP TYPE e", []],
    ['DROP SCHEMA s', ['drop-object']],
    ['DROP TRIGGER x ON t; DROP POLICY p ON t', []],
    ['ALTER TABLE t ALTER a DROP NOT NULL', ['drop-not-null']],
    ['ALTER TABLE t ALTER a DROP DEFAULT', []],
    ['ALTER TABLE t ADD a int NOT NULL DEFAULT 1; ALTER TABLE t ALTER a DROP DEFAULT', ['drop-default']],
  ])('%s', (sql, expected) => expect(rules(sql)).toEqual(expected));

  test('is allowed where the file says so, and stays visible', () => {
    const sql = '-- slipway: contract\nALTER TABLE t DROP COLUMN a;\nCREATE INDEX ON t (b);';
    const { findings, classes } = lint(sql);
    expect(findings.map(({ rule, waived }) => [rule, waived])).toEqual([
      ['drop-column', 'the file is marked as contract'],
      ['index-without-concurrently', null],
    ]);
    expect(classes.get('1.sql')).toBe('contract');
  });
});

describe('the class of a file', () => {
  test.each([
    ['SELECT 1', 'none'],
    ['CREATE INDEX CONCURRENTLY i ON t (a)', 'none'],
    ['DROP INDEX CONCURRENTLY i', 'none'],
    ["COMMENT ON TABLE t IS 'x'; SET LOCAL work_mem = '1GB'", 'none'],
    ['ALTER TABLE t ADD a int', 'expand'],
    ['UPDATE t SET a = 1 WHERE b = 2', 'expand'],
    ['ALTER TABLE t DROP a', 'contract'],
    ['ALTER TABLE t ALTER a TYPE bigint', 'contract'],
    ['CREATE TABLE t (a int); ALTER TABLE t DROP a', 'expand'],
    ['-- slipway: contract\nUPDATE t SET a = 1 WHERE b = 2', 'contract'],
    ['DO $$BEGIN ALTER TABLE t DROP a; END$$', 'contract'],
  ])('%s: %s', (sql, expected) => expect(lint(sql).classes.get('1.sql')).toBe(expected));
});

describe('what takes away more than it shows', () => {
  test.each([
    ['TRUNCATE a, b', ['truncate']],
    ['CREATE TABLE a (b int); TRUNCATE a', []],
    ['DROP VIEW v CASCADE', ['drop-object', 'cascade']],
    ['ALTER TABLE t DROP CONSTRAINT c CASCADE', ['cascade']],
    ['DROP OWNED BY r CASCADE', ['cascade']],
    ['DROP DATABASE d', ['drop-database']],
  ])('%s', (sql, expected) => expect(rules(sql)).toEqual(expected));
});

describe('tables that only grow', () => {
  const appendOnly = ['events', 'es.streams'];
  test.each([
    ['UPDATE events SET data = $1 WHERE id = 1'],
    ['DELETE FROM public.events WHERE id = 1'],
    ['DELETE FROM es.events WHERE id = 1'],
    ['DELETE FROM es.streams WHERE id = 1'],
    ['TRUNCATE a, events'],
    ['DROP TABLE IF EXISTS events'],
    ['ALTER TABLE events DROP COLUMN a'],
    ['ALTER TABLE events ALTER a TYPE jsonb'],
    ['ALTER TABLE events DISABLE TRIGGER ALL'],
    ['DROP TRIGGER no_update ON events'],
    ['INSERT INTO events (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2'],
    ['WITH gone AS (DELETE FROM events WHERE id = 1 RETURNING *) SELECT * FROM gone'],
    ['MERGE INTO events e USING s ON e.id = s.id WHEN MATCHED THEN UPDATE SET a = 1'],
    ['MERGE INTO events e USING s ON e.id = s.id WHEN MATCHED AND s.a THEN DELETE'],
    ['MERGE INTO public.events e USING s ON e.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE'],
    ['WITH m AS (MERGE INTO events USING s ON true WHEN MATCHED THEN DELETE RETURNING 1) SELECT FROM m'],
    ['DO $$BEGIN MERGE INTO events e USING s ON e.id = s.id WHEN MATCHED THEN DELETE; END$$'],
    ['DO $$BEGIN DELETE FROM events WHERE id = 1; END$$'],
    ["DO $$BEGIN EXECUTE 'DELETE FROM events WHERE id = 1'; END$$"],
  ])('%s', (sql) => expect(rules(sql, { appendOnly })).toContain('append-only'));

  test.each([
    ['INSERT INTO events (id) VALUES (1)'],
    ['INSERT INTO events SELECT * FROM old ON CONFLICT DO NOTHING'],
    ['ALTER TABLE events ADD COLUMN a text'],
    ['DELETE FROM streams WHERE id = 1'],
    ['DELETE FROM events_archive WHERE id = 1'],
    ['DELETE FROM a USING events e WHERE a.id = e.id'],
    ['MERGE INTO events e USING s ON e.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1)'],
    ["MERGE INTO events e USING s ON e.id = s.id WHEN NOT MATCHED THEN INSERT VALUES ('CMD_UPDATE')"],
    ['MERGE INTO events e USING s ON e.id = s.id WHEN MATCHED THEN DO NOTHING'],
    ['MERGE INTO a USING events e ON e.id = a.id WHEN MATCHED THEN DELETE'],
    ['CREATE TABLE events (id int); DELETE FROM events WHERE id = 1'],
    ['CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$DELETE FROM events$$'],
  ])('not %s', (sql) => expect(rules(sql, { appendOnly })).not.toContain('append-only'));

  test('are not exempted by the marker of a contract migration', () => {
    const { findings } = lint('-- slipway: contract\nALTER TABLE events DROP COLUMN a', { appendOnly });
    expect(findings.map(({ rule, waived }) => [rule, waived !== null])).toEqual([
      ['drop-column', true],
      ['append-only', false],
    ]);
  });
});
