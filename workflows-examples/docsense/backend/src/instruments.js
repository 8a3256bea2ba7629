import { Metrics } from './metrics.js';

/**
 * Everything that this service measures.
 *
 * @param {object} parts
 * @param {string} parts.instance
 * @param {string} parts.version the version that is reported, also under a fault
 * @param {import('pg').Pool} parts.pool
 */
export function createInstruments({ instance, version, pool }) {
  const metrics = new Metrics(instance);
  /** @type {() => number | null} */
  let projectionLag = () => null;

  metrics.observe('app_info', 'The running version.', () => [[{ version }, 1]]);
  metrics.observe('process_start_time_seconds', 'Start of the process since the epoch.', () => [
    [{}, performance.timeOrigin / 1000],
  ]);
  metrics.observe('process_resident_memory_bytes', 'Resident memory.', () => [
    [{}, process.memoryUsage.rss()],
  ]);
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  metrics.observe('process_cpu_seconds_total', 'CPU time used.', () => [[{}, cpuSeconds()]], 'counter');
  metrics.observe(
    'db_pool_connections',
    'Connections of the database pool, and requests waiting for one.',
    () => [
      [{ state: 'busy' }, pool.totalCount - pool.idleCount],
      [{ state: 'idle' }, pool.idleCount],
      [{ state: 'waiting' }, pool.waitingCount],
      [{ state: 'limit' }, pool.options.max ?? 0],
    ],
  );
  metrics.observe('projection_lag_events', 'Events that a projection has not read yet.', () => {
    const lag = projectionLag();
    // Unknown is not zero: without a reading there is no sample.
    return lag === null ? [] : [[{ projection: 'documents' }, lag]];
  });

  return {
    print: () => metrics.print(),
    /** @param {() => number | null} read */
    watchProjectionLag(read) {
      projectionLag = read;
    },
    requests: metrics.counter('http_requests_total', 'Answered API requests.'),
    durations: metrics.histogram(
      'http_request_duration_seconds',
      'Time from the request to the end of its answer.',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    projectionFailures: metrics.counter('projection_failures_total', 'Events that could not be applied.', [
      { projection: 'documents' },
    ]),
  };
}

/** @typedef {ReturnType<typeof createInstruments>} Instruments */
