import type pg from 'pg';

/** How each tool keeps what it has applied, as the number of the file. */
const tables: Record<string, { table: string; number: string }> = {
  slipway: { table: 'schema_migrations', number: 'version::bigint' },
  dbmate: { table: 'schema_migrations', number: 'version::bigint' },
  'node-pg-migrate': { table: 'pgmigrations', number: "split_part(name, '_', 1)::bigint - 1700000000000" },
  'graphile-migrate': {
    table: 'graphile_migrate.migrations',
    number: "split_part(filename, '.', 1)::bigint",
  },
  umzug: { table: 'umzug', number: "split_part(name, '_', 1)::bigint" },
  // Its row 0 is the empty database.
  postgrator: { table: 'schemaversion', number: 'nullif(version, 0)' },
};

/** Numbers of the files that are recorded as applied, in order; none when there is no table yet. */
export async function versionsIn(client: pg.Client, tool: string): Promise<number[]> {
  const known = tables[tool];
  if (!known) throw new Error(`no version table known of ${tool}`);
  const there = await client.query('SELECT to_regclass($1) AS relation', [known.table]);
  if (there.rows[0].relation === null) return [];
  const { rows } = await client.query(
    `SELECT ${known.number} AS number FROM ${known.table} WHERE ${known.number} IS NOT NULL ORDER BY 1`,
  );
  return rows.map(({ number }) => Number(number));
}
