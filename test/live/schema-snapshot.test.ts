import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redactor } from '@slipway/kernel';
import { diffSchemas, readSchemaSnapshot, type SchemaSnapshot } from '@slipway/postgres';
import { newestPostgres, type Postgres, startPostgres } from '@slipway/test-services';
import pg from 'pg';
import { postgresForAll } from '../support/postgres.ts';

const made = `CREATE SCHEMA s; CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN d AS int CHECK (VALUE > 0);
CREATE TABLE t (a int NOT NULL, b text DEFAULT 'x', c int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t; CREATE SEQUENCE q;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID; CREATE POLICY y ON t USING (a > 0);
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int); CREATE RULE r AS ON DELETE TO v DO INSTEAD NOTHING;`;

/** The oldest and the newest server at hand: what is in their catalogs differs. */
describe.each([
  ['of the system', () => undefined],
  ['18', () => newestPostgres(() => {})],
])('PostgreSQL %s', (_version, programs) => {
  let postgres: Postgres;
  let client: pg.Client;
  let before: SchemaSnapshot;
  postgresForAll(
    (started) => {
      postgres = started;
    },
    {
      start: async () => {
        const binDir = await programs();
        return startPostgres(binDir === undefined ? {} : { binDir });
      },
    },
  );
  beforeAll(async () => {
    client = new pg.Client({ connectionString: postgres.url('postgres') });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(made);
    before = await readSchemaSnapshot(client);
  });
  afterAll(() => client?.end());

  /** What a change shows as, after which it is undone. */
  async function change(sql: string): Promise<string[]> {
    await client.query('BEGIN');
    await client.query(sql);
    const query = ({ text, ...how }: pg.QueryConfig) => client.query({ ...how, text: inside(text) });
    const after = await readSchemaSnapshot({ query } as pg.Client);
    const lines = diffSchemas(before, after, new Redactor());
    await client.query('ROLLBACK');
    return lines;
  }
  /** The query is asked within our transaction, so that it can be taken back. */
  const inside = (text: string): string =>
    text.replace('BEGIN READ ONLY', 'SELECT 1').replace(/; COMMIT$/, '; SELECT 1');

  test.each([
    ['CREATE TABLE u ()', '+ table public.u'],
    ['DROP VIEW v', '- view public.v'],
    ['ALTER TABLE t ADD COLUMN n int', '+ table public.t: column n integer'],
    ['ALTER TABLE t ALTER COLUMN b TYPE varchar(9)', '+ table public.t: column b character varying(9)'],
    ['ALTER TABLE t ALTER COLUMN a DROP NOT NULL', '- table public.t: column a integer not null'],
    ["ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'", "+ table public.t: column b text default 'y'::text"],
    ['ALTER TABLE t ALTER COLUMN c DROP IDENTITY', '+ table public.t: column c integer not null'],
    ['ALTER TABLE t VALIDATE CONSTRAINT k', '+ table public.t: constraint k CHECK ((a > 0))'],
    ['DROP INDEX i', '- table public.t: index public.i CREATE INDEX i ON public.t USING btree (a)'],
    ["ALTER TYPE mood RENAME VALUE 'b' TO 'c'", "+ type public.mood: e 'a', 'c'"],
    ['ALTER DOMAIN d SET NOT NULL', '+ type public.d: d integer not null'],
    ['DROP TRIGGER g ON t', '- table public.t: trigger g '],
    ['ALTER TABLE t DISABLE TRIGGER g', '+ table public.t: trigger g '],
    [
      "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
      '+ function public.f()',
    ],
    ['DROP AGGREGATE total (int)', '- function public.total(integer)'],
    ['DROP RULE r ON v', '- view public.v: rule r '],
    ['ALTER TABLE p DETACH PARTITION p1', '- table public.p1: parent public.p'],
    ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', '+ table public.t: row security'],
    ['ALTER POLICY y ON t USING (a > 1)', '+ table public.t: policy y '],
    ['ALTER SEQUENCE q INCREMENT 5', '+ sequence public.q: bigint 5 '],
    ['DROP SCHEMA s', '- schema s'],
    ['ALTER TABLE t SET UNLOGGED', '+ table public.t: unlogged'],
  ])('%s', async (sql, line) => {
    expect((await change(sql)).find((one) => one.startsWith(line))).toBeDefined();
  });

  test.each([
    ['rows', 'INSERT INTO p VALUES (1)'],
    ['a sequence that advanced', "SELECT nextval('q')"],
    ['privileges', 'GRANT SELECT ON t TO public'],
    ['comments', "COMMENT ON TABLE t IS 'x'"],
    ['statistics', 'ANALYZE t'],
    ['a search_path', 'SET LOCAL search_path = s'],
    ['the tables of Slipway', 'CREATE TABLE slipway_migrations (a int PRIMARY KEY)'],
    ['a temporary table', 'CREATE TEMP TABLE z (a int)'],
  ])('is not changed by %s', async (_what, sql) => {
    expect(await change(sql)).toEqual([]);
  });
});
