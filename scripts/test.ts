import { clusterRound } from './cluster-round.ts';
import { type Parts, type Round, runRounds } from './rounds.ts';

/**
 * Tests that start servers run one file after the other: several engines and databases at once on a small machine
 * make each other miss their deadlines. The rest runs side by side. Those that need a cluster have their own command,
 * because the first cluster takes minutes; with `--cluster` they run here as well, at the same time as the live
 * tests, which wait for their servers most of the time.
 */
const cluster = '--cluster';
/** Beginnings of the names of live tests that need nothing but PostgreSQL and what belongs to it: two at a time. */
const databases = 'db-|migration-formats|schema-snapshot';
/** Of the other live tests, those that run after the cluster, at the same time as the rest: the two lanes then take about as long. */
const rollbacks = 'rollback-';

const quick: Round = {
  title: 'unit, contract, bundle',
  files: /^test\/(?!live\/|workflow\/|cluster\/)/,
  workers: 2,
};
const liveDatabases: Round = {
  title: 'live: databases',
  files: new RegExp(`^test/live/(?:${databases})`),
  workers: 2,
  start: startDatabases,
};
const live: Round = {
  title: 'live',
  files: new RegExp(`^test/live/(?!${databases}|${rollbacks})`),
  workers: 1,
  start: startParts,
};
const liveRollbacks: Round = {
  title: 'live: rollbacks',
  files: new RegExp(`^test/live/(?:${rollbacks})`),
  workers: 1,
  start: startParts,
};
const workflow: Round = { title: 'workflow', files: /^test\/workflow\//, workers: 1, start: startParts };

/** Installs what is missing, once for all; each test starts its own servers. */
async function startDatabases(say: (line: string) => void): Promise<Parts> {
  const { newestPostgres, postgres17, provision } = await import('@slipway/test-services');
  await provision(['postgres', 'postgres-17', 'pgbouncer', 'sqitch', 'age', 'object-store'], say);
  await newestPostgres(say);
  await postgres17(say);
  return { env: {}, stop: async () => undefined };
}

/** Installs what is missing, once for all, and sees to a container engine. */
async function startParts(say: (line: string) => void): Promise<Parts> {
  const { provision, startEngine } = await import('@slipway/test-services');
  await provision(
    ['engine', 'compose', 'buildx', 'registry', 'postgres', 'prometheus', 'nginx', 'chromium'],
    say,
  );
  return startEngine(say);
}

const args = process.argv.slice(2);
const last = args.includes(cluster)
  ? [[live], [clusterRound, workflow, liveRollbacks]]
  : [[live, liveRollbacks, workflow]];
await runRounds(
  [[[quick]], [[liveDatabases]], last],
  args.filter((arg) => arg !== cluster),
);
