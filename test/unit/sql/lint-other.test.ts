import { describe, expect, test } from '@jest/globals';
import { type CatalogFacts, type Level, lintScripts, loadGrammar, readScript } from '@slipway/sql';

const grammar = await loadGrammar();

function rules(sql: string, { level, known }: { level?: Level; known?: CatalogFacts } = {}): string[] {
  const script = readScript(grammar, 'f.sql', sql);
  expect(script.problems).toEqual([]);
  const { findings } = lintScripts([script], { appendOnly: [], ...(known ? { known } : {}) });
  return findings.filter((one) => level === undefined || one.level === level).map(({ rule }) => rule);
}

describe('rewrites and heavy locks', () => {
  test.each([
    ['VACUUM (FULL, ANALYZE) t', ['vacuum-full']],
    ['VACUUM FULL', ['vacuum-full']],
    ['VACUUM (FULL false) t', []],
    ['VACUUM ANALYZE t', []],
    ['CLUSTER t USING i', ['cluster']],
    ['ALTER TABLE t SET TABLESPACE s', ['table-rewrite']],
    ['ALTER TABLE t SET LOGGED', ['table-rewrite']],
    ['ALTER TABLE t ALTER COLUMN a SET EXPRESSION AS (b + 1)', ['table-rewrite']],
    ['CREATE TABLE t (a int); ALTER TABLE t SET UNLOGGED', []],
    ['ALTER TABLE t SET (fillfactor = 70)', []],
    ['LOCK TABLE t', ['lock-table']],
    ['LOCK TABLE t IN SHARE MODE', ['lock-table']],
    ['LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE', []],
    ['REFRESH MATERIALIZED VIEW m', ['refresh-without-concurrently']],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY m', []],
    ['CREATE MATERIALIZED VIEW m AS SELECT 1; REFRESH MATERIALIZED VIEW m', []],
  ])('%s', (sql, expected) => expect(rules(sql, { level: 'error' })).toEqual(expected));
});

describe('rows', () => {
  const merge = 'MERGE INTO t USING u';
  const allOnce = ['change-of-all-rows'];
  const small: CatalogFacts = {
    relations: { 'public.t': { kind: 'r', rows: 12, columns: {}, provenNotNull: [] } },
  };
  test.each([
    ['UPDATE t SET a = 1', ['change-of-all-rows']],
    ['UPDATE t SET a = 1 WHERE true', ['change-of-all-rows']],
    ['UPDATE t SET a = 1 WHERE b', []],
    ['UPDATE t SET a = 1 WHERE b', []],
    ['DELETE FROM t', ['change-of-all-rows']],
    ['WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d', ['change-of-all-rows']],
    ['CREATE TABLE t (a int); UPDATE t SET a = 1', []],
    ['ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE b', ['rows-and-schema']],
    ['ALTER TABLE t ADD a int; UPDATE u SET a = 1 WHERE b', ['rows-and-schema']],
    ['CREATE TABLE n (a int); UPDATE t SET a = 1 WHERE b', []],
    ['ALTER TABLE t ADD a int; INSERT INTO t VALUES (1)', []],
    ['UPDATE t SET a = 1 WHERE b; ALTER TABLE t ADD c int', []],
    ['UPDATE t SET a = 1 WHERE 1 = 1', ['change-of-all-rows']],
    ['DELETE FROM t WHERE 1 = 0', []],
    ['DELETE FROM t WHERE 1 IS DISTINCT FROM 1', []],
    [`${merge} ON true WHEN MATCHED THEN UPDATE SET a = 1`, ['change-of-all-rows']],
    [`${merge} ON 1 = 1 WHEN MATCHED THEN DELETE`, ['change-of-all-rows']],
    [`${merge} ON true WHEN MATCHED AND t.a THEN DELETE WHEN MATCHED THEN UPDATE SET a = 1`, allOnce],
    [`WITH m AS (${merge} ON true WHEN MATCHED THEN DELETE RETURNING 1) SELECT FROM m`, allOnce],
    [`${merge} ON 1 = 0 WHEN NOT MATCHED BY SOURCE THEN DELETE`, ['change-of-all-rows']],
    [`${merge} ON true WHEN MATCHED AND t.a THEN DELETE`, []],
    [`${merge} ON true WHEN MATCHED AND t.a THEN DO NOTHING WHEN MATCHED THEN DELETE`, []],
    [`${merge} ON true WHEN NOT MATCHED THEN INSERT VALUES (1)`, []],
    [`${merge} ON true WHEN NOT MATCHED BY SOURCE THEN DELETE`, []],
    [`${merge} ON t.id = u.id WHEN MATCHED THEN UPDATE SET a = 1`, []],
    [`${merge} ON t.id = u.id WHEN NOT MATCHED BY SOURCE THEN DELETE`, []],
    [`CREATE TABLE t (a int); ${merge} ON true WHEN MATCHED THEN DELETE`, []],
    [`ALTER TABLE t ADD a int; ${merge} ON t.id = u.id WHEN MATCHED THEN DELETE`, ['rows-and-schema']],
    [`ALTER TABLE t ADD a int; ${merge} ON t.id = u.id WHEN NOT MATCHED THEN INSERT VALUES (1)`, []],
    ['ALTER DOMAIN d SET NOT NULL; UPDATE t SET a = 1 WHERE b', ['rows-and-schema']],
    ['ALTER DOMAIN d SET DEFAULT 1; UPDATE t SET a = 1 WHERE b', []],
    ['CREATE DOMAIN d AS int; ALTER DOMAIN d SET NOT NULL; UPDATE t SET a = 1 WHERE b', []],
  ])('%s', (sql, expected) => expect(rules(sql, { level: 'warning' })).toEqual(expected));

  test('of a small table may be changed at once', () => {
    expect(rules('ALTER TABLE t ADD a int; UPDATE t SET a = 1', { known: small })).toEqual([]);
    expect(rules(`${merge} ON true WHEN MATCHED THEN DELETE`, { known: small })).toEqual([]);
  });
});

describe('partitions, types, settings, blocks', () => {
  const overrides = ['overrides-timeouts'];
  const attach = 'ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)';
  test.each([
    ['ALTER TABLE t DETACH PARTITION p', ['detach-partition']],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY', []],
    ['ALTER TABLE t DETACH PARTITION p FINALIZE', []],
    [attach, ['attach-partition-scan']],
    [`CREATE TABLE p (a int); ${attach}`, []],
    [`ALTER TABLE p VALIDATE CONSTRAINT c; ${attach}`, []],
    ['ALTER INDEX i ATTACH PARTITION j', []],
    ['CREATE TABLE p PARTITION OF t FOR VALUES IN (1)', ['create-partition-locks-parent']],
    ['CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF t FOR VALUES IN (1)', []],
    ['CREATE DOMAIN d AS int CHECK (value > 0)', ['domain-constraint']],
    ['CREATE DOMAIN d AS int DEFAULT 1', []],
    [`CREATE TABLE ${'x'.repeat(63)} (a int)`, []],
    [`CREATE TABLE ${'x'.repeat(64)} (a int)`, ['long-name']],
    [`CREATE TABLE t ("${'ü'.repeat(32)}" int)`, ['long-name']],
    [`SELECT '${'x'.repeat(90)}', $$${'x'.repeat(90)}$$`, []],
    [
      'CREATE TABLE t (a timestamp, b timestamptz, c timestamp(3)[])',
      ['prefer-timestamptz', 'prefer-timestamptz'],
    ],
    ['CREATE TABLE t (a char(3), b varchar(9), c varchar, d text)', ['padded-char', 'prefer-text']],
    ['CREATE TABLE t (a json, b jsonb)', ['prefer-jsonb']],
    ['CREATE TABLE t (a int PRIMARY KEY)', ['prefer-bigint-key']],
    ['CREATE TABLE t (a serial, b int, PRIMARY KEY (a))', ['prefer-bigint-key']],
    ['CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))', []],
    ['CREATE TABLE t (a bigserial PRIMARY KEY, b int)', []],
    ["SET lock_timeout = '0'", ['overrides-timeouts']],
    ['SET session_replication_role = replica', ['overrides-timeouts']],
    ['RESET ALL', ['overrides-timeouts']],
    ["SET LOCAL lock_timeout = '1s'; SET search_path = s", []],
    ["SELECT set_config('lock_timeout', '0', false)", ['overrides-timeouts']],
    ["SELECT pg_catalog.set_config('Statement_Timeout', '0'::text, false::bool)", ['overrides-timeouts']],
    ["SELECT 1 FROM (SELECT set_config('transaction_timeout', NULL, false)) s", ['overrides-timeouts']],
    [
      "SELECT set_config('idle_in_transaction_session_timeout', '0', false), set_config('lock_timeout', '', false)",
      ['overrides-timeouts', 'overrides-timeouts'],
    ],
    ["DO $$DECLARE v text; BEGIN SELECT set_config('lock_timeout', '0', false) INTO v; END$$", overrides],
    ["SELECT set_config('lock_timeout', '0', true)", []],
    ["SELECT pg_catalog.set_config('search_path', '', false)", []],
    ["SELECT set_config('lock_timeout', current_setting('my.old'), false)", []],
    ["SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'lock_timeout'", []],
    ["SELECT set_config('lock_timeout', '0', a) FROM t", []],
    ["SELECT my.set_config('lock_timeout', '0', false), 'set_config(''lock_timeout'', 0, false)'", []],
    ["DO $$BEGIN EXECUTE 'SELECT ' || 1; END$$", ['hidden-sql']],
    ['DO $$BEGIN PERFORM 1; END$$', []],
    ['CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN DROP TABLE t; END$$', []],
    ['CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC DELETE FROM t; SELECT 1; END', []],
  ])('%s', (sql, expected) => expect(rules(sql)).toEqual(expected));
});

/** All that is said of a file, with the level. */
function said(sql: string, known?: CatalogFacts): string[] {
  const { findings } = lintScripts([readScript(grammar, 'f.sql', sql)], {
    appendOnly: [],
    ...(known ? { known } : {}),
  });
  return findings.map(({ rule, level, message, remedy }) => `${level} ${rule}: ${message} | ${remedy}`);
}

describe('settings are set for the file alone', () => {
  test('by the function too', () => {
    expect(said("SELECT set_config('Lock_Timeout', 'it''s', false)")).toEqual([
      expect.stringMatching(
        /^warning overrides-timeouts: set_config\('lock_timeout', 'it''s', false\) holds .* \| SET LOCAL lock_timeout = 'it''s';$/,
      ),
    ]);
    expect(said("SELECT set_config('lock_timeout', NULL, false)")).toEqual([
      expect.stringMatching(/'lock_timeout', NULL, false\) holds .* \| Remove it/),
    ]);
  });
});

describe('domains', () => {
  const add = 'ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0)';
  const reads = ['error domain-constraint'];
  test.each([
    ['CREATE DOMAIN d AS int CHECK (value > 0)', ['info domain-constraint']],
    ['CREATE DOMAIN d AS int NOT NULL', ['info domain-constraint']],
    [add, reads],
    [`${add} NOT VALID`, []],
    ['ALTER DOMAIN s.d SET NOT NULL', reads],
    ['ALTER DOMAIN d ADD NOT NULL', reads],
    ['ALTER DOMAIN d VALIDATE CONSTRAINT c', reads],
    [`${add} NOT VALID; ALTER DOMAIN d VALIDATE CONSTRAINT c`, reads],
    ['DO $$BEGIN ALTER DOMAIN d SET NOT NULL; END$$', reads],
    ['ALTER DOMAIN d DROP NOT NULL; ALTER DOMAIN d DROP CONSTRAINT c; ALTER DOMAIN d SET DEFAULT 1', []],
    [`CREATE DOMAIN d AS int; ${add}; ALTER DOMAIN public.d SET NOT NULL`, []],
    [`CREATE DOMAIN s.d AS int; ${add}`, reads],
    [`CREATE DOMAIN d AS int; DROP DOMAIN d; ${add}`, reads],
  ])('%s', (sql, expected) =>
    expect(said(sql).map((one) => one.slice(0, one.indexOf(':')))).toEqual(expected),
  );

  const used = (type: string, kind = 'r'): CatalogFacts => ({
    relations: {
      'public.t': { kind, rows: 1e6, columns: { a: { type, notNull: false } }, provenNotNull: [] },
    },
  });
  test.each([
    ['ALTER DOMAIN d SET NOT NULL', used('d'), 1],
    ['ALTER DOMAIN d SET NOT NULL', used('public.d', 'm'), 1],
    ['ALTER DOMAIN "D" SET NOT NULL', used('"D"'), 1],
    ['ALTER DOMAIN s.d SET NOT NULL', used('s.d'), 1],
    ['ALTER DOMAIN s.d SET NOT NULL', used('d'), 1],
    ['ALTER DOMAIN d SET NOT NULL', used('integer'), 0],
    ['ALTER DOMAIN d SET NOT NULL', used('s.d'), 0],
    ['ALTER DOMAIN d SET NOT NULL', used('d', 'v'), 0],
    ['ALTER DOMAIN d SET NOT NULL; UPDATE t SET a = 1 WHERE b', used('integer'), 0],
  ])('%s in a database that is known: %#', (sql, known, found) => {
    expect(said(sql, known)).toHaveLength(found);
  });

  test('are reported with the tables that are read, and what to do instead', () => {
    expect(said('ALTER DOMAIN d SET NOT NULL', used('d'))).toEqual([
      'error domain-constraint: this reads every row of public.t while SHARE is held there: every INSERT, UPDATE and DELETE waits | ALTER DOMAIN d ADD CONSTRAINT d_not_null CHECK (VALUE IS NOT NULL) NOT VALID; locks no table and holds for every new value. To validate it would read the tables under the same lock.',
    ]);
    expect(said(add)).toEqual([
      expect.stringMatching(
        /reads every table with a column of d .* \| .*CHECK \(value > 0\) NOT VALID; locks no/,
      ),
    ]);
    expect(said('ALTER DOMAIN d VALIDATE CONSTRAINT c')).toEqual([
      expect.stringMatching(/\| Leave it out: .*allow domain-constraint because …"/),
    ]);
  });
});

describe('down files', () => {
  const up = readScript(grammar, 'a.sql', 'ALTER TABLE t ADD a int; UPDATE t SET a = 1 WHERE b');
  const lint = (down: string | null | undefined, script = up) =>
    lintScripts([script], {
      appendOnly: [],
      ...(down === undefined
        ? {}
        : { downs: new Map([[script.file, down === null ? null : readScript(grammar, 'd.sql', down)]]) }),
    })
      .findings.filter(({ rule }) => rule.includes('down'))
      .map(({ rule, level }) => `${level} ${rule}`);

  test('that are missing, or lose what was written, leave only the way forward', () => {
    expect(lint(undefined)).toEqual([]);
    expect(lint(null)).toEqual(['info no-down']);
    expect(lint('ALTER TABLE t DROP COLUMN a')).toEqual(['info irreversible-down']);
    expect(lint('ALTER TABLE t DROP COLUMN c')).toEqual([]);
    expect(lint('CREATE TABLE u (a int)', readScript(grammar, 'b.sql', 'DROP TABLE u'))).toEqual([
      'info irreversible-down',
    ]);
  });
});
