/** Docker's stop_grace_period and Kubernetes' terminationGracePeriodSeconds must be longer than this. */
const LIMIT_MS = 10_000;

/**
 * On SIGTERM: take no new connection, answer every open request, then close the database connections and exit 0.
 * What has not finished after ten seconds is cut off, and the exit code is 1.
 *
 * @param {object} parts
 * @param {import('node:http').Server} parts.server
 * @param {import('./projector.js').Projector} parts.projector
 * @param {import('pg').Pool} parts.pool
 * @param {import('./log.js').Log} parts.log
 */
export function shutDownOnSignal({ server, projector, pool, log }) {
  let draining = false;
  /** @param {NodeJS.Signals} signal */
  const shutDown = async (signal) => {
    if (draining) return;
    draining = true;
    log.info('shutting down', { signal });
    setTimeout(() => {
      log.error('requests did not end in time', { limit_ms: LIMIT_MS });
      process.exit(1);
    }, LIMIT_MS).unref();
    if (server.listening) await new Promise((closed) => server.close(closed));
    await projector.stop();
    await pool.end();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
  return { isDraining: () => draining };
}
