/**
 * The read model. `SELECT *` and `?? null` on purpose: the column `source` is there after migration 002 and absent
 * before it, and this code works on both sides, as every version does that runs while the schema changes.
 *
 * @param {Record<string, any>} row
 */
const toDocument = (row) => ({
  id: row.id,
  title: row.title,
  source: row.source ?? null,
  created_at: row.created_at,
  updated_at: row.updated_at,
});

/**
 * @param {import('pg').Pool} pool
 * @param {number} limit
 */
export async function listDocuments(pool, limit) {
  const { rows } = await pool.query('SELECT * FROM documents ORDER BY position DESC LIMIT $1', [limit]);
  return rows.map(toDocument);
}

/**
 * @param {import('pg').Pool} pool
 * @param {string} id
 */
export async function findDocument(pool, id) {
  const { rows } = await pool.query('SELECT * FROM documents WHERE id = $1', [id]);
  return rows[0] ? toDocument(rows[0]) : null;
}

/**
 * Applies one event to the read model. Applying it again changes nothing.
 *
 * @param {import('pg').PoolClient} client
 * @param {import('./event-store.js').StoredEvent} event
 */
export async function applyToDocuments(client, event) {
  if (event.type !== 'DocumentSaved') return;
  await client.query(
    `INSERT INTO documents (id, title, created_at, updated_at, position) VALUES ($1, $2, $3, $3, $4)
     ON CONFLICT (id) DO UPDATE
       SET title = excluded.title, updated_at = excluded.updated_at, position = excluded.position
       WHERE documents.position < excluded.position`,
    [event.stream_id, event.data.title, event.recorded_at, event.position],
  );
}
