import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { parseState, type TargetState } from '@slipway/release';
import type { Postgres } from '@slipway/test-services';
import { stringify } from 'yaml';
import { type BundleResult, runBundle } from '../support/action.ts';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { postgresForAll, withClient } from '../support/postgres.ts';

/* What a rollback on Kubernetes does to the database: the sources of the release are gone, the cluster has all it takes. */

const owner = { user: 'app', password: 'secret-of-the-app' };

let cluster: ClusterFixture;
let namespace: NamespaceFixture;
let postgres: Postgres;
let name: string;
let url: string;
let databases = 0;

postgresForAll((started) => {
  postgres = started;
});
namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeEach(async () => {
  name = `policy_${++databases}`;
  await postgres.createDatabase(name, owner);
  await postgres.allowCreateDatabase(owner.user);
  url = postgres.url(name, owner);
});

const ask = (sql: string): Promise<unknown> =>
  withClient(url, async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  });
const columns = (): Promise<unknown> =>
  ask(
    "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped",
  );
const running = (): Promise<string> =>
  namespace.kubectl([
    'get',
    'deployment',
    'web',
    '--output=jsonpath={.spec.template.spec.containers[0].image}',
  ]);

/** A pod that is slow on a busy machine is neither killed nor taken for one that does not serve. */
function writeWeb(): void {
  const readinessProbe = { tcpSocket: { port: 8080 }, timeoutSeconds: 10 };
  namespace.writeWeb({ replicas: 1, container: { livenessProbe: undefined, readinessProbe } });
}

function configure(policy: string, migrations: Record<string, string>): void {
  const files = {
    '.github/slipway.yml': stringify({
      app: 'web',
      kubernetes: { namespace: namespace.name, manifests: ['k8s'], kubeconfig: cluster.kubeconfig },
      services: { web: { image: `${cluster.registry}/web`, 'stable-for': '0s', 'drain-timeout': '1s' } },
      database: {
        url: '${DATABASE_URL}',
        backup: { to: path.join(namespace.workspace, 'backups'), prove: 'restore' },
      },
      rollback: { database: policy },
    }),
    ...migrations,
  };
  for (const [file, text] of Object.entries(files)) {
    const to = path.join(namespace.workspace, file);
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
}

function run(action: string, runId: string, inputs: Record<string, string>): Promise<BundleResult> {
  const env = { DATABASE_URL: url, GITHUB_RUN_ID: runId, GITHUB_SHA: 'c0ffee' };
  return runBundle(action, {
    inputs: { environment: 'test', ...inputs },
    env,
    workspace: namespace.workspace,
  });
}

/** A release up to the point at which a later step finds it bad; `proven` when none does. */
async function release(version: string, runId: string, image: string, provenBy: string): Promise<void> {
  const migrated = await run('db-migrate', runId, { version });
  expect(migrated).toMatchObject({ code: 0, errors: [] });
  const inputs = { version, images: `web=${image}`, 'proven-by': provenBy };
  const rolled = await run('rollout', runId, { ...inputs, release: migrated.outputs.release ?? '' });
  expect(rolled).toMatchObject({ code: 0, errors: [] });
}

function loseSources(): void {
  for (const folder of ['migrations', 'k8s'])
    rmSync(path.join(namespace.workspace, folder), { recursive: true });
}

async function readState(): Promise<TargetState> {
  const { state } = namespace.platform.store;
  return parseState((await state.read())?.text ?? '', 'web', 'test');
}

const first = {
  'migrations/001_t.sql': 'CREATE TABLE t (a int);\n',
  'migrations/001_t.down.sql': 'DROP TABLE t;\n',
};

test('with down, what a release migrated is taken back once the older version serves', async () => {
  writeWeb();
  configure('down', first);
  await release('1.0.0', '1', cluster.images.one, 'rollout');
  configure('down', {
    'migrations/002_b.sql': 'ALTER TABLE t ADD COLUMN b int;\n',
    'migrations/002_b.down.sql': 'ALTER TABLE t DROP COLUMN b;\n',
  });
  await release('2.0.0', '2', cluster.images.two, 'promote');
  expect(await columns()).toEqual(['a', 'b']);
  loseSources();
  const back = await run('rollback', '2', { to: 'own', version: '2.0.0' });
  expect(back).toMatchObject({ errors: [], outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(back.outputs.summary).toContain('The schema was taken back: without 002.');
  expect([await columns(), await running()]).toEqual([['a'], cluster.images.one]);
  expect((await readState()).releases[0]).toMatchObject({ version: '2.0.0', reverted: true });
}, 180_000);

test('with restore, a person has the backup put in place; then a quota stops all pods, and that is said', async () => {
  writeWeb();
  configure('restore', first);
  await release('1.0.0', '1', cluster.images.one, 'rollout');
  configure('restore', {
    'migrations/002_b.sql':
      '-- slipway: contract\n-- slipway: allow rename because the test needs one\nALTER TABLE t RENAME COLUMN a TO b;\n',
  });
  await release('2.0.0', '2', cluster.images.two, 'promote');
  await ask('INSERT INTO t VALUES (1)');
  loseSources();
  const alone = await run('rollback', '2', { to: 'own', version: '2.0.0' });
  expect(alone).toMatchObject({ code: 1, outputs: { reason: 'refused' } });
  expect(await running()).toBe(cluster.images.two);
  const person = { to: 'unfinished', 'take-over': 'true', 'confirm-restore': name };
  const back = await run('rollback', '3', person);
  expect(back).toMatchObject({ errors: [], outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(back.outputs.summary).toMatch(/The database .* was restored from .*Lost: .*public\.t/s);
  expect([await columns(), await running()]).toEqual([['a'], cluster.images.one]);

  writeWeb();
  const nothing = () => run('rollback', '1', { to: 'own', version: '1.0.0' });
  expect((await nothing()).outputs).toMatchObject({ reason: 'nothing-to-do', verified: 'true' });
  await namespace.kubectl(['create', 'quota', 'none', '--hard=pods=0']);
  await namespace.kubectl(['delete', 'pods', '--all', '--grace-period=1']);
  const stopped = await nothing();
  expect(stopped.outputs).toMatchObject({ reason: 'nothing-to-do', verified: 'false' });
  expect(stopped.outputs.summary).toContain('But web no longer serves it.');
}, 180_000);
