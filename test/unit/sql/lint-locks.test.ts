import { describe, expect, test } from '@jest/globals';
import { describeLock, loadGrammar, locksOf, readScript } from '@slipway/sql';

const grammar = await loadGrammar();
const locks = (sql: string): string[] =>
  readScript(grammar, 'f.sql', sql).statements.flatMap(locksOf).map(describeLock);

describe('the locks of', () => {
  test.each([
    ['ALTER TABLE public.t ADD a int', ['ACCESS EXCLUSIVE on public.t: for an instant']],
    ['ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()', ['ACCESS EXCLUSIVE on t: while it rewrites']],
    ['ALTER TABLE t ADD a int CHECK (a > 0)', ['ACCESS EXCLUSIVE on t: while it scans']],
    ['ALTER TABLE t ADD a int UNIQUE', ['ACCESS EXCLUSIVE on t: while it builds an index']],
    [
      'ALTER TABLE t ADD a int REFERENCES u',
      ['ACCESS EXCLUSIVE on t: for an instant', 'SHARE ROW EXCLUSIVE on u: for an instant'],
    ],
    [
      'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u',
      ['SHARE ROW EXCLUSIVE on t: while it scans', 'SHARE ROW EXCLUSIVE on u: while it scans'],
    ],
    [
      'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID',
      ['SHARE ROW EXCLUSIVE on t: for an instant', 'SHARE ROW EXCLUSIVE on u: for an instant'],
    ],
    ['ALTER TABLE t ADD UNIQUE USING INDEX i', ['ACCESS EXCLUSIVE on t: for an instant']],
    ['ALTER TABLE t VALIDATE CONSTRAINT c', ['SHARE UPDATE EXCLUSIVE on t: while it scans']],
    ['ALTER TABLE t ALTER a SET NOT NULL, ALTER b TYPE int', ['ACCESS EXCLUSIVE on t: while it rewrites']],
    ['ALTER TABLE t SET (fillfactor = 70)', ['SHARE UPDATE EXCLUSIVE on t: for an instant']],
    ['ALTER TABLE t DISABLE TRIGGER ALL', ['SHARE ROW EXCLUSIVE on t: for an instant']],
    [
      'ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)',
      ['ACCESS EXCLUSIVE on p: while it scans', 'SHARE UPDATE EXCLUSIVE on t: for an instant'],
    ],
    ['CREATE INDEX ON t (a)', ['SHARE on t: while it builds an index']],
    ['CREATE INDEX CONCURRENTLY ON t (a)', ['SHARE UPDATE EXCLUSIVE on t: while it builds an index']],
    ['CREATE TABLE p PARTITION OF t FOR VALUES IN (1)', ['ACCESS EXCLUSIVE on t: for an instant']],
    [
      'CREATE TABLE n (a int REFERENCES t, FOREIGN KEY (a) REFERENCES u)',
      ['SHARE ROW EXCLUSIVE on t: for an instant', 'SHARE ROW EXCLUSIVE on u: for an instant'],
    ],
    [
      'DROP TABLE a, s.b',
      ['ACCESS EXCLUSIVE on a: for an instant', 'ACCESS EXCLUSIVE on s.b: for an instant'],
    ],
    ['DROP INDEX i', ['ACCESS EXCLUSIVE on the table of i: for an instant']],
    ['DROP TRIGGER x ON s.t', ['ACCESS EXCLUSIVE on s.t: for an instant']],
    [
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
      ['SHARE ROW EXCLUSIVE on t: for an instant'],
    ],
    ['VACUUM FULL t', ['ACCESS EXCLUSIVE on t: while it rewrites']],
    ['ANALYZE t', ['SHARE UPDATE EXCLUSIVE on t: while it scans']],
    ['LOCK t IN SHARE MODE', ['SHARE on t: while it runs']],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY m', ['EXCLUSIVE on m: while it runs']],
    ['UPDATE t SET a = 1 FROM u', ['ROW EXCLUSIVE on t: while it runs', 'ACCESS SHARE on u: while it runs']],
    ['WITH w AS (SELECT * FROM t) SELECT * FROM w FOR UPDATE', ['ROW SHARE on t: while it runs']],
    [
      'MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT VALUES (1)',
      ['ROW EXCLUSIVE on t: while it runs', 'ACCESS SHARE on u: while it runs'],
    ],
    ['ALTER DOMAIN s.d SET NOT NULL', ['SHARE on every table with a column of s.d: while it scans']],
    ['ALTER DOMAIN d ADD CHECK (value > 0)', ['SHARE on every table with a column of d: while it scans']],
    ['ALTER DOMAIN d VALIDATE CONSTRAINT c', ['SHARE on every table with a column of d: while it scans']],
    ['ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID', []],
    ['ALTER DOMAIN d DROP NOT NULL', []],
    ['COPY t FROM stdin', ['ROW EXCLUSIVE on t: while it runs']],
    ['DO $$BEGIN ALTER TABLE t ADD a int; END$$', ['ACCESS EXCLUSIVE on t: for an instant']],
    ['COMMENT ON COLUMN t.a IS NULL', ['SHARE UPDATE EXCLUSIVE on t: for an instant']],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1 FROM t$$', []],
  ])('%s', (sql, expected) => expect(locks(sql)).toEqual(expected));
});
