import { checkDatabase } from './database.js';

/**
 * What operators, probes and deployments ask. These are not counted into http_requests_total: thousands of good probes
 * would hide the errors that users see.
 *
 * @param {object} parts
 * @param {import('./configuration.js').Configuration} parts.configuration
 * @param {import('pg').Pool} parts.pool
 * @param {import('./projector.js').Projector} parts.projector
 * @param {import('./instruments.js').Instruments} parts.instruments
 * @param {import('./fault.js').Fault} parts.fault
 * @param {string} parts.version
 * @param {() => boolean} parts.isDraining
 * @returns {import('./http-server.js').Route[]}
 */
export function operationRoutes({ configuration, pool, projector, instruments, fault, version, isDraining }) {
  const health = async () => {
    const database = await checkDatabase(pool);
    const healthy = database.healthy && !isDraining() && !fault.is('sick');
    const reason = database.reason ?? (isDraining() ? 'shutting down' : 'warm-up has not finished');
    return report(healthy, healthy ? {} : { reason });
  };
  const databaseHealth = async () => {
    const { healthy, reason } = await checkDatabase(pool);
    return report(healthy, reason === undefined ? {} : { reason });
  };
  const providers = Object.fromEntries(
    Object.entries(configuration.providers).map(([name, set]) => [
      name,
      set ? 'configured' : 'not configured',
    ]),
  );
  const projections = () => {
    const status = projector.status();
    return { status: status.status === 'stalled' ? 503 : 200, body: { projections: [status] } };
  };
  const metrics = () => {
    fault.measured();
    return { status: 200, body: instruments.print() };
  };
  /** @type {[string, import('./http-server.js').Route['handle']][]} */
  const routes = [
    ['/health', health],
    ['/health/db', databaseHealth],
    ['/health/ai', () => ({ status: 200, body: { providers } })],
    ['/health/projections', projections],
    ['/admin/projections/status', () => projectionFailures(pool)],
    ['/version', () => ({ status: 200, body: { version, commit: configuration.commit } })],
    ['/metrics', metrics],
  ];
  return routes.map(([path, handle]) => ({ method: 'GET', path, counted: false, handle }));
}

/**
 * @param {boolean} healthy
 * @param {Record<string, unknown>} details
 */
function report(healthy, details) {
  return { status: healthy ? 200 : 503, body: { status: healthy ? 'healthy' : 'unhealthy', ...details } };
}

/**
 * Failures stay here until somebody resolves them, also when the version that caused them is gone.
 *
 * @param {import('pg').Pool} pool
 */
async function projectionFailures(pool) {
  const { rows } = await pool.query(
    `SELECT projection, count(*)::int AS events, max(failed_at) AS last_failed_at
     FROM projection_failures WHERE resolved_at IS NULL GROUP BY projection ORDER BY projection`,
  );
  return { status: 200, body: { failed_projections: rows.length, failures: rows } };
}
