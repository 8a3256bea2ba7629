import { expect, test } from '@jest/globals';
import { lintScripts, loadGrammar, locksOf, readScript, transactionMode } from '@slipway/sql';
import * as fc from 'fast-check';
import { ruleFinder, rulesFor } from '../../../packages/sql/src/lint/catalogue.ts';
import { subjectOf } from '../../../packages/sql/src/lint/finding.ts';
import { SchemaModel } from '../../../packages/sql/src/lint/schema-model.ts';

const grammar = await loadGrammar();

const name = fc.constantFrom('t', 'public.t', '"T ü"', 's."a.b"', 'events', '"user"', `"${'é'.repeat(31)}"`);
const type = fc.constantFrom(
  'int',
  'text',
  'varchar(9)',
  'timestamp[]',
  'serial',
  'numeric(9,2)',
  's.d',
  'json',
);
const expression = fc.constantFrom(
  '1',
  "'x, (;) ''y'",
  'now()',
  'f(random(), 1)',
  "$q$, '($q$",
  'NULL::int',
  'a > 0',
);
const columnConstraint = fc.constantFrom(
  '',
  ' NOT NULL',
  ' PRIMARY KEY',
  ' UNIQUE',
  ' REFERENCES u (id)',
  ' CHECK (a > 0)',
);
const subcommand = fc.oneof(
  fc.tuple(name, type, columnConstraint).map(([, t, rest]) => `ADD COLUMN "ä😀" ${t}${rest}`),
  fc.tuple(type, expression).map(([t, e]) => `ADD c ${t} DEFAULT (${e})`),
  fc.constantFrom(
    'DROP COLUMN IF EXISTS a CASCADE',
    'ALTER a SET NOT NULL',
    'ALTER a DROP DEFAULT',
    "ALTER a TYPE text USING (a::text || ',')",
    'ADD CONSTRAINT "k," FOREIGN KEY (a) REFERENCES u (id) NOT VALID',
    'ADD CHECK (a IS NOT NULL AND b > 0)',
    'VALIDATE CONSTRAINT "k,"',
    'ADD EXCLUDE USING gist (a WITH &&)',
    'DISABLE TRIGGER ALL',
    'SET (fillfactor = 70)',
    'OWNER TO x',
    'INHERIT p',
    'ENABLE ROW LEVEL SECURITY',
  ),
);
const statement = fc.oneof(
  fc
    .tuple(name, fc.array(subcommand, { minLength: 1, maxLength: 4 }))
    .map(([n, c]) => `ALTER TABLE ONLY ${n} ${c.join(',\n  /* , */ ')}`),
  fc
    .tuple(name, type, columnConstraint)
    .map(([n, t, rest]) => `CREATE TABLE IF NOT EXISTS ${n} ("ä" ${t}${rest}, LIKE u)`),
  name.map((n) => `CREATE INDEX ON ${n} (lower(a))`),
  name.map((n) => `DROP TABLE ${n}, u CASCADE`),
  name.map((n) => `WITH d AS (DELETE FROM ${n} RETURNING *) INSERT INTO u SELECT * FROM d`),
  name.map(
    (n) => `DO $$BEGIN UPDATE ${n} SET a = '😀'; EXECUTE 'TRUNCATE ${n.replaceAll("'", "''")}'; END$$`,
  ),
  name.map((n) => `ALTER TABLE ${n} RENAME TO "neu😀"`),
  fc.constantFrom(
    'SELECT',
    'VACUUM FULL',
    'REINDEX DATABASE',
    'ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b',
    'DROP FUNCTION f',
    'ALTER FUNCTION f() RENAME TO g',
    'ALTER EXTENSION x SET SCHEMA y',
    'COMMENT ON TABLE t IS NULL',
    'ALTER DOMAIN d DROP NOT NULL',
    'ALTER DOMAIN "ä😀".d SET NOT NULL',
    'ALTER DOMAIN d ADD CONSTRAINT "k," CHECK (value > 0)',
    'ALTER DOMAIN d VALIDATE CONSTRAINT "k,"',
    "SELECT set_config('lock_timeout', '😀', false)",
    'CREATE VIEW v AS SELECT 1',
    'GRANT SELECT ON t TO x',
    'COPY t FROM stdin',
    'SET search_path TO DEFAULT',
    'SET TIME ZONE LOCAL',
    'DROP TRIGGER x ON t',
    'DROP CAST (int AS text)',
    'DROP OPERATOR + (int, int)',
    'MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE',
    'CREATE TABLE e OF y',
    'ALTER TYPE y ADD ATTRIBUTE a int CASCADE',
  ),
);
const comment = fc.constantFrom(
  '',
  '-- é😀\n',
  '/* /* */ */ ',
  '-- slipway: allow truncate, drop-table because ü\n',
  '-- slipway: allow\n',
  '-- slipway: contract\n',
);
const file = fc
  .array(fc.tuple(comment, statement), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.map(([before, sql]) => `${before}${sql};\n`).join(''));

test('whatever the grammar accepts is read, linted and planned, with places that lie in the file', () => {
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 3 }), (texts) => {
      const scripts = texts.map((sql, index) => readScript(grammar, `${index}.sql`, sql));
      for (const { problems, statements, sql } of scripts) {
        expect(problems).toEqual([]);
        for (const one of statements) {
          expect(sql.slice(one.offset, one.offset + one.text.length)).toBe(one.text);
          expect(one.text).not.toMatch(/^\s|;\s*$|^--|^\/\*/);
          for (const { mode, relation } of locksOf(one)) expect([mode, relation]).not.toContain('');
        }
      }
      const { findings } = lintScripts(scripts, { appendOnly: ['events'] });
      for (const { file: from, line, column, message, remedy } of findings) {
        const text = texts[Number.parseInt(from, 10)]?.split('\n')[line - 1] ?? '';
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual(text.length);
        expect(`${message} ${remedy}`).not.toMatch(/undefined|\[object|(?<!must not be )null,|\bNaN\b/);
      }
      for (const script of scripts) transactionMode(script);
    }),
    { numRuns: 300 },
  );
});

test('what was made in the set finds nothing but advice', () => {
  fc.assert(
    fc.property(fc.array(subcommand, { minLength: 1, maxLength: 4 }), (commands) => {
      const sql = `CREATE TABLE n (a int);\nALTER TABLE public.n ${commands.join(', ')};`;
      const { findings, classes } = lintScripts([readScript(grammar, 'f.sql', sql)], { appendOnly: ['n'] });
      expect(findings.filter(({ level }) => level !== 'info')).toEqual([]);
      expect(classes.get('f.sql')).toBe('expand');
    }),
  );
});

test('a rule that is not asked of a statement would find nothing in it', () => {
  const rules = rulesFor(['n', 'events']);
  const find = ruleFinder(rules);
  fc.assert(
    fc.property(file, (sql) => {
      const script = readScript(grammar, 'f.sql', sql);
      const schema = new SchemaModel();
      for (const statement of script.statements.flatMap((one) => [one, ...(one.inside?.statements ?? [])])) {
        const asked = find(statement.tag);
        const subject = subjectOf(statement, script, schema);
        const left = rules.filter((rule) => !asked.includes(rule));
        expect(left.flatMap((rule) => rule.check(subject))).toEqual([]);
        schema.add(statement, script.file);
      }
    }),
    { numRuns: 200 },
  );
});
