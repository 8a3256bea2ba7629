import { randomUUID } from 'node:crypto';

/**
 * Positions are handed out before their transactions commit, so a reader could see position 8 before 7 and never come
 * back for 7. Writers therefore hold this lock together, and a reader takes it alone for a moment: then nobody is
 * between number and commit.
 */
const APPEND_LOCK = 4_701_266;

/**
 * @typedef {object} StoredEvent
 * @property {string} position
 * @property {string} event_id
 * @property {string} stream_id
 * @property {string} type
 * @property {Record<string, unknown>} data
 * @property {Date} recorded_at
 */

/**
 * Appends a DocumentSaved event. The same event id appends nothing and gives back the event that is already there.
 *
 * @param {import('pg').Pool} pool
 * @param {{eventId: string | undefined, documentId: string | undefined, title: string}} document
 * @returns {Promise<{event: StoredEvent, appended: boolean}>}
 */
export async function appendDocument(pool, { eventId = randomUUID(), documentId = randomUUID(), title }) {
  const { rows } = await pool.query(
    `WITH append_lock AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(${APPEND_LOCK}))
     INSERT INTO events (event_id, stream_id, type, data)
     SELECT $1, $2, 'DocumentSaved', $3::jsonb FROM append_lock
     ON CONFLICT (event_id) DO NOTHING
     RETURNING *`,
    [eventId, documentId, JSON.stringify({ title })],
  );
  if (rows[0]) return { event: rows[0], appended: true };
  const existing = await pool.query('SELECT * FROM events WHERE event_id = $1', [eventId]);
  return { event: existing.rows[0], appended: false };
}

/**
 * The last position that is committed and has no open transaction before it.
 *
 * @param {import('pg').Pool} pool
 * @returns {Promise<string>}
 */
export async function settledPosition(pool) {
  // Two statements in one message are one transaction, and the second sees what was committed while the first waited.
  const results = /** @type {import('pg').QueryResult[]} */ (
    /** @type {unknown} */ (
      await pool.query(
        `SELECT pg_advisory_xact_lock(${APPEND_LOCK}); SELECT coalesce(max(position), 0) AS position FROM events`,
      )
    )
  );
  return results[1]?.rows[0].position;
}
