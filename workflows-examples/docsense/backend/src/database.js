import pg from 'pg';

/**
 * @param {import('./configuration.js').Configuration} configuration
 * @param {import('./log.js').Log} log
 */
export function createPool({ databaseUrl, pool }, log) {
  const created = new pg.Pool({
    connectionString: databaseUrl,
    min: pool.min,
    max: pool.max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    // A request that waits for a migration's lock fails before the caller gives up, in place of piling up.
    statement_timeout: 10_000,
    application_name: 'docsense-backend',
  });
  // Without a listener a connection that breaks while idle would end the process.
  created.on('error', (error) => log.warning('idle database connection lost', { error: error.message }));
  return created;
}

/**
 * Runs `work` in a transaction on one connection. A connection whose transaction cannot be ended is thrown away.
 *
 * @template T
 * @param {pg.Pool} pool
 * @param {(client: pg.PoolClient) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTransaction(pool, work) {
  const client = await pool.connect();
  /** @type {Error | undefined} */
  let broken;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((reason) => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Answers within `timeout` milliseconds, also when the database hangs or the pool is used up.
 *
 * @param {pg.Pool} pool
 * @param {number} timeout
 * @returns {Promise<{healthy: boolean, reason?: string}>}
 */
export async function checkDatabase(pool, timeout = 1_000) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the database within ${timeout} ms`)), timeout);
  });
  try {
    // Both tables, so that a database without the schema is not healthy.
    const reads = pool.query('SELECT (SELECT 1 FROM events LIMIT 1), (SELECT 1 FROM documents LIMIT 1)');
    await Promise.race([reads, tooLate]);
    return { healthy: true };
  } catch (error) {
    return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
