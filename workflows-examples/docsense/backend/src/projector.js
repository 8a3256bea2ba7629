import { setTimeout as pause } from 'node:timers/promises';
import { inTransaction } from './database.js';
import { settledPosition } from './event-store.js';

const BATCH = 200;
const IDLE_MS = 100;
const LAGGING_EVENTS = 1_000;
/** Counting stops here: the exact lag does not matter then, and a health check must stay cheap. */
const COUNTED_EVENTS = 100_000;

/**
 * Reads events in order and applies them to one projection. Every instance runs one; the row lock on the checkpoint
 * lets one of them work at a time, and another takes over when it stops.
 */
export class Projector {
  #stopping = new AbortController();
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  /** @type {number | null} */
  #lag = null;
  /** @type {string | null} */
  #stalled = null;
  #parts;

  /**
   * @param {object} parts
   * @param {string} parts.name
   * @param {import('pg').Pool} parts.pool
   * @param {import('./log.js').Log} parts.log
   * @param {(client: import('pg').PoolClient, event: import('./event-store.js').StoredEvent) => Promise<void>} parts.apply
   * @param {() => void} parts.onFailure called once for each event that was set aside
   */
  constructor(parts) {
    this.#parts = parts;
  }

  get lag() {
    return this.#lag;
  }

  start() {
    this.#running = this.#run();
  }

  /** Lets the batch in hand finish. */
  async stop() {
    this.#stopping.abort();
    await this.#running;
  }

  /** @returns {{name: string, status: 'healthy' | 'lagging' | 'stalled', lag: number | null}} */
  status() {
    const stalled = this.#stalled !== null || this.#lag === null;
    const status = stalled ? 'stalled' : Number(this.#lag) > LAGGING_EVENTS ? 'lagging' : 'healthy';
    return { name: this.#parts.name, status, lag: this.#lag };
  }

  async #run() {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const more = await this.#step();
      if (!more) await pause(IDLE_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns {Promise<boolean>} whether there may be more to do at once */
  async #step() {
    try {
      this.#lag = await this.#measureLag();
      const applied = this.#lag === 0 ? 0 : await this.#applyBatch();
      if (applied > 0) this.#lag = await this.#measureLag();
      if (this.#stalled) this.#parts.log.info('projection moves again', { projection: this.#parts.name });
      this.#stalled = null;
      return applied === BATCH;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Once per reason: the loop tries again ten times a second.
      if (this.#stalled !== reason) {
        this.#parts.log.error('projection stalled', { projection: this.#parts.name, error: reason });
      }
      this.#stalled = reason;
      return false;
    }
  }

  async #measureLag() {
    const { rows } = await this.#parts.pool.query(
      `SELECT (SELECT count(*)::int FROM (
                 SELECT 1 FROM events WHERE position > c.position LIMIT ${COUNTED_EVENTS}) AS waiting) AS lag
       FROM projection_checkpoints c WHERE c.projection = $1`,
      [this.#parts.name],
    );
    if (!rows[0])
      throw new Error(`no checkpoint for projection ${this.#parts.name}: are all migrations applied?`);
    return rows[0].lag;
  }

  /** @returns {Promise<number>} how many events were read; 0 also when another instance is at work */
  async #applyBatch() {
    const { name, pool } = this.#parts;
    const end = await settledPosition(pool);
    const { read, failures } = await inTransaction(pool, async (client) => {
      const claimed = await client.query(
        'SELECT position FROM projection_checkpoints WHERE projection = $1 FOR UPDATE SKIP LOCKED',
        [name],
      );
      if (!claimed.rows[0]) return { read: 0, failures: 0 };
      const { rows: events } = await client.query(
        'SELECT * FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3',
        [claimed.rows[0].position, end, BATCH],
      );
      let failures = 0;
      for (const event of events) if (!(await this.#applyOrSetAside(client, event))) failures += 1;
      const last = events.at(-1);
      if (last) {
        await client.query(
          'UPDATE projection_checkpoints SET position = $2, updated_at = now() WHERE projection = $1',
          [name, last.position],
        );
      }
      return { read: events.length, failures };
    });
    for (let n = 0; n < failures; n += 1) this.#parts.onFailure();
    return read;
  }

  /**
   * @param {import('pg').PoolClient} client
   * @param {import('./event-store.js').StoredEvent} event
   * @returns {Promise<boolean>} false when the event itself is bad and was set aside
   */
  async #applyOrSetAside(client, event) {
    const { name, apply, log } = this.#parts;
    await client.query('SAVEPOINT event');
    try {
      await apply(client, event);
      return true;
    } catch (error) {
      // A missing table or a lost connection is not the event's fault: stop here, and try the same event again.
      if (!isBadEvent(error)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT event');
      await recordProjectionFailure(client, name, event.position, error);
      log.error('projection failure', { projection: name, position: event.position, error: error.message });
      return false;
    } finally {
      await client.query('RELEASE SAVEPOINT event').catch(() => {});
    }
  }
}

/**
 * @param {import('pg').PoolClient | import('pg').Pool} client
 * @param {string} projection
 * @param {string} position
 * @param {Error} error
 */
export async function recordProjectionFailure(client, projection, position, error) {
  await client.query(
    `INSERT INTO projection_failures (projection, event_position, error) VALUES ($1, $2, $3)
     ON CONFLICT (projection, event_position) DO UPDATE
       SET error = excluded.error, attempts = projection_failures.attempts + 1, failed_at = now(), resolved_at = NULL`,
    [projection, position, error.message],
  );
}

/**
 * @param {unknown} error
 * @returns {error is Error} data exceptions (class 22) and violated constraints (class 23) of PostgreSQL, or our own TypeError
 */
function isBadEvent(error) {
  if (error instanceof TypeError) return true;
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
