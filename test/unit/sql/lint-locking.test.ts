import { describe, expect, test } from '@jest/globals';
import { type CatalogFacts, lintScripts, loadGrammar, readScript } from '@slipway/sql';

const grammar = await loadGrammar();

/** The rules that find something, one name for each finding; several files are given as several texts. */
function rules(texts: string | readonly string[], known?: CatalogFacts): string[] {
  const files = [texts].flat();
  const scripts = files.map((sql, index) => readScript(grammar, `${index + 1}.sql`, sql));
  expect(scripts.flatMap(({ problems }) => problems)).toEqual([]);
  const { findings } = lintScripts(scripts, { appendOnly: [], ...(known ? { known } : {}) });
  return findings.filter(({ level }) => level !== 'info').map(({ rule }) => rule);
}

const facts = (relation: Partial<CatalogFacts['relations'][string]>): CatalogFacts => ({
  relations: { 'public.t': { kind: 'r', rows: 1e6, columns: {}, provenNotNull: [], ...relation } },
});

describe('indexes', () => {
  test.each([
    ['CREATE INDEX i ON t (a)', ['index-without-concurrently']],
    ['CREATE UNIQUE INDEX IF NOT EXISTS i ON public.t (a)', ['index-without-concurrently']],
    ['CREATE INDEX CONCURRENTLY i ON t (a)', []],
    ['CREATE INDEX i ON ONLY t (a)', []],
    ['CREATE TABLE t (a int); CREATE INDEX ON public.t (a)', []],
    ['CREATE TABLE public.t (a int); CREATE INDEX ON t (a)', []],
    ['CREATE TABLE other.t (a int); CREATE INDEX ON t (a)', ['index-without-concurrently']],
    ['CREATE TABLE "T" (a int); CREATE INDEX ON t (a)', ['index-without-concurrently']],
    ['CREATE TEMP TABLE t AS SELECT 1 AS a; CREATE INDEX ON t (a)', []],
    ['CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX ON m (a)', []],
    ['SELECT 1 AS a INTO t; CREATE INDEX ON t (a)', []],
    ['CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE INDEX ON s.t (a)', []],
    ['SET search_path = s; CREATE TABLE t (a int); CREATE INDEX ON s.t (a)', []],
    [
      'SET search_path = s; CREATE TABLE t (a int); CREATE INDEX ON public.t (a)',
      ['index-without-concurrently'],
    ],
    ['CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; CREATE INDEX ON u (a)', []],
    ['DROP INDEX i', ['drop-index-without-concurrently']],
    ['DROP INDEX CONCURRENTLY IF EXISTS i', []],
    ['CREATE TABLE t (a int); CREATE INDEX i ON t (a); DROP INDEX i', []],
    ['REINDEX TABLE t', ['reindex-without-concurrently']],
    ['REINDEX (CONCURRENTLY) TABLE t', []],
    ['REINDEX (CONCURRENTLY false) INDEX i', ['reindex-without-concurrently']],
    ['REINDEX SYSTEM d', []],
  ])('%s', (sql, expected) => expect(rules(sql)).toEqual(expected));

  test('of a table that an earlier file makes are free', () => {
    expect(rules(['CREATE TABLE t (a int)', 'CREATE INDEX ON t (a)'])).toEqual([]);
    expect(rules(['CREATE TABLE t (a int)', 'DROP TABLE t', 'CREATE INDEX ON t (a)'])).toEqual([
      'index-without-concurrently',
    ]);
  });

  test('of a table that was there all the same are not', () => {
    const sql = 'CREATE TABLE IF NOT EXISTS t (a int); CREATE INDEX ON t (a)';
    expect(rules(sql)).toEqual([]);
    expect(rules(sql, facts({}))).toEqual(['index-without-concurrently']);
  });
});

const add = (rest: string): string => `ALTER TABLE t ADD COLUMN ${rest}`;

describe('new columns', () => {
  test.each([
    [add('a int'), []],
    [add("a int NOT NULL DEFAULT 1, ADD COLUMN b text DEFAULT 'x'"), []],
    [add("a timestamptz DEFAULT now() - interval '1 year'"), []],
    [add('a timestamptz DEFAULT current_timestamp'), []],
    [add("a text[] DEFAULT array['x']::text[]"), []],
    [add('a uuid DEFAULT gen_random_uuid()'), ['add-column-volatile-default']],
    [add('a float DEFAULT 1 + random()'), ['add-column-volatile-default']],
    [add('a timestamptz DEFAULT clock_timestamp()'), ['add-column-volatile-default']],
    [add("a int DEFAULT nextval('s')"), ['add-column-volatile-default']],
    [add('a int DEFAULT my.now()'), ['add-column-volatile-default']],
    [add('a int DEFAULT now(1)'), ['add-column-volatile-default']],
    [add('a int DEFAULT lower_case(1)'), ['add-column-volatile-default']],
    [
      `CREATE FUNCTION one() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; ${add('a int DEFAULT one()')}`,
      [],
    ],
    [
      `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; ${add('a int DEFAULT one()')}`,
      ['add-column-volatile-default'],
    ],
    [add('a serial'), ['add-column-rewrite']],
    [add('a bigserial PRIMARY KEY'), ['add-column-rewrite', 'constraint-builds-index']],
    [add('a int GENERATED ALWAYS AS IDENTITY'), ['add-column-rewrite']],
    [add('a int GENERATED ALWAYS AS (b * 2) STORED'), ['add-column-rewrite']],
    [add('a int GENERATED ALWAYS AS (b * 2) VIRTUAL'), []],
    [add('a int NOT NULL'), ['add-column-required']],
    [add('a int NOT NULL DEFAULT NULL'), ['add-column-required']],
    [add('a int NOT NULL DEFAULT NULL::int'), ['add-column-required']],
    [add('IF NOT EXISTS a int NOT NULL'), ['add-column-required']],
    [add('a int UNIQUE'), ['constraint-builds-index']],
    [add('a int CHECK (a > 0)'), ['check-without-not-valid']],
    [add('a int REFERENCES u (id)'), []],
    [add('a int DEFAULT 1 REFERENCES u (id)'), ['foreign-key-without-not-valid']],
    [`CREATE TABLE t (b int); ${add('a serial NOT NULL UNIQUE CHECK (a > 0)')}`, []],
  ])('%s', (sql, expected) => expect(rules(sql).sort()).toEqual(expected));
});

describe('constraints', () => {
  const fk = 'ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (id)';
  test.each([
    [`ALTER TABLE t ${fk}`, ['foreign-key-without-not-valid']],
    [`ALTER TABLE t ${fk} NOT VALID`, []],
    [`ALTER TABLE t ${fk} NOT ENFORCED`, []],
    ['ALTER TABLE t ADD CHECK (a > 0)', ['check-without-not-valid']],
    ['ALTER TABLE t ADD CHECK (a > 0) NOT VALID', []],
    ['ALTER TABLE t ADD UNIQUE (a)', ['constraint-builds-index']],
    ['ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i', []],
    [
      'ALTER TABLE t ADD PRIMARY KEY (a), ADD CHECK (a > 0)',
      ['constraint-builds-index', 'check-without-not-valid'],
    ],
    ['ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)', ['constraint-builds-index']],
    [`ALTER TABLE t ${fk} NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT k`, ['validate-in-same-file']],
    [`ALTER TABLE t ${fk} NOT VALID, VALIDATE CONSTRAINT k`, ['validate-in-same-file']],
    ['ALTER TABLE t VALIDATE CONSTRAINT k', []],
  ])('%s', (sql, expected) => expect(rules(sql)).toEqual(expected));

  test('are validated in another file', () => {
    expect(rules([`ALTER TABLE t ${fk} NOT VALID`, 'ALTER TABLE t VALIDATE CONSTRAINT k'])).toEqual([]);
  });
});

describe('SET NOT NULL', () => {
  const set = 'ALTER TABLE t ALTER COLUMN a SET NOT NULL';
  const check = (expression: string): string =>
    `ALTER TABLE t ADD CONSTRAINT c CHECK (${expression}) NOT VALID`;
  const validate = 'ALTER TABLE t VALIDATE CONSTRAINT c';
  test.each([
    ['alone', [set], ['set-not-null']],
    ['after a check that is validated', [check('a IS NOT NULL'), `${validate}; ${set}`], []],
    ['after one of several terms', [check('b > 0 AND a IS NOT NULL'), `${validate}; ${set}`], []],
    [
      'after one that does not prove it',
      [check('b > 0 OR a IS NOT NULL'), `${validate}; ${set}`],
      ['set-not-null'],
    ],
    ['of another column', [check('b IS NOT NULL'), `${validate}; ${set}`], ['set-not-null']],
    ['not validated', [check('a IS NOT NULL'), set], ['set-not-null']],
    ['a check that is older than the set', [`${validate}; ${set}`], []],
    ['on a new table', [`CREATE TABLE t (a int); ${set}`], []],
    ['as a constraint', ['ALTER TABLE t ADD CONSTRAINT n NOT NULL a'], ['set-not-null']],
    ['as a constraint that is not valid', ['ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID'], []],
  ])('%s', (_what, sql, expected) => expect(rules(sql)).toEqual(expected));

  test('by what the database knows', () => {
    expect(rules(set, facts({ provenNotNull: ['a'] }))).toEqual([]);
    expect(rules(set, facts({ columns: { a: { type: 'integer', notNull: true } } }))).toEqual([]);
    expect(rules(`${validate}; ${set}`, facts({}))).toEqual(['set-not-null']);
  });
});

describe('types', () => {
  const to = (type: string): string => `ALTER TABLE t ALTER COLUMN a TYPE ${type}`;
  test.each([
    ['character varying(10)', 'varchar(20)', []],
    ['character varying(10)', 'text', []],
    ['text', 'varchar', []],
    ['numeric(10,2)', 'numeric(12,2)', []],
    ['timestamp(3) without time zone', 'timestamp', []],
    ['cidr', 'inet', []],
    ['character varying(20)', 'varchar(10)', ['change-type']],
    ['numeric(10,2)', 'numeric(12,3)', ['change-type']],
    ['numeric', 'numeric(12,3)', ['change-type']],
    ['integer', 'bigint', ['change-type']],
    ['character varying(10)[]', 'varchar(20)[]', ['change-type']],
    ['interval', 'interval(3)', ['change-type']],
    ['character varying(10)', 'text USING a::text', ['change-type']],
  ])('%s to %s', (before, after, expected) => {
    expect(rules(to(after), facts({ columns: { a: { type: before, notNull: false } } }))).toEqual(expected);
  });

  test('unknown are expected to be rewritten', () => expect(rules(to('text'))).toEqual(['change-type']));
});
