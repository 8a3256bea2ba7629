import { systemClock } from '@slipway/kernel';
import { startRegistry } from '@slipway/test-services';
import { type Case, cases } from '../test/support/cluster/cases.ts';
import {
  type ClusterFixture,
  makeNamespace,
  type NamespaceFixture,
} from '../test/support/cluster/fixture.ts';
import { deployment } from '../test/support/cluster/manifests.ts';
import { release } from '../test/support/cluster/release.ts';
import { onCluster } from './cluster.ts';
import { table } from './measure.ts';

/** How long `kubectl rollout status` is given; by default it would wait for the progress deadline of 600 s. */
const timeoutSeconds = 45;
/** Time between two looks for the field that decides, in ms. */
const every = 250;

const head = [
  'signature',
  'visible s',
  'said s',
  'allowed s',
  'what Slipway says',
  `kubectl rollout status (${timeoutSeconds} s)`,
];

/**
 * For each way in which a release fails on a real cluster: when the cluster knew it, when Slipway said it and in which
 * words, and what `kubectl apply` and `kubectl rollout status` had said of the same manifest by then.
 */
export async function signatures(): Promise<void> {
  await onCluster(async (cluster) => {
    const locked = await startRegistry({ auth: { username: 'reader', password: 'correct-horse' } });
    const rows: string[][] = [];
    try {
      for (const one of cases) {
        rows.push(await compare(cluster, locked.address, one));
        console.error(rows.at(-1)?.join(' | '));
      }
    } finally {
      await locked.stop();
    }
    console.log(table(head, rows));
  });
}

async function compare(cluster: ClusterFixture, locked: string, one: Case): Promise<string[]> {
  const ours = await prepare(cluster, one);
  const theirs = await prepare(cluster, one);
  const change = deployment(`${cluster.registry}/web`, one.shape(cluster, locked));
  ours.write({ 'web.yaml': change });
  const [slipway, kubectl] = await Promise.all([
    bySlipway(cluster, ours, one),
    byKubectl(theirs, deployment(cluster.images.two, one.shape(cluster, locked))),
  ]);
  await Promise.all([ours.clear(), theirs.clear()]);
  return [one.name, ...slipway, kubectl];
}

async function prepare(cluster: ClusterFixture, one: Case): Promise<NamespaceFixture> {
  const namespace = await makeNamespace(cluster);
  namespace.writeWeb();
  await release(namespace, cluster.images.one, 'r1');
  for (const object of one.with ?? [])
    await namespace.kubectl(['apply', '--filename=-'], JSON.stringify(object));
  return namespace;
}

async function bySlipway(cluster: ClusterFixture, namespace: NamespaceFixture, one: Case): Promise<string[]> {
  const start = performance.now();
  const since = (): number => (performance.now() - start) / 1000;
  const observing = new AbortController();
  const visible = firstVisible(namespace, one, since, observing.signal);
  const line = firstLine(namespace, since, observing.signal);
  const result = await release(namespace, cluster.images.two, 'r2').catch((error: Error) => ({
    reason: error.message,
  }));
  const over = since();
  observing.abort();
  const [seen, said] = [await visible, (await line) ?? over];
  const reason = 'reason' in result ? result.reason : 'it was rolled out';
  return [seen === null ? 'at the apply' : seen.toFixed(1), said.toFixed(1), String(one.within), reason];
}

/** Seconds until the verdict is in the log; null when the apply itself was refused. */
async function firstLine(
  namespace: NamespaceFixture,
  since: () => number,
  signal: AbortSignal,
): Promise<number | null> {
  while (!signal.aborted) {
    if (namespace.lines.some((line) => line.startsWith('web failed: '))) return since();
    await systemClock.sleep(every / 5);
  }
  return null;
}

/** Seconds until the cluster shows the words that decide, anywhere in its objects; null when it never does. */
async function firstVisible(
  namespace: NamespaceFixture,
  one: Case,
  since: () => number,
  signal: AbortSignal,
): Promise<number | null> {
  const words = one.visible ?? one.says;
  while (!signal.aborted) {
    const kinds = 'deployments,replicasets,pods,events';
    const asked = since();
    const printed = (await namespace.kubectl(['get', kinds, '--output=json'])).replaceAll('\\"', '"');
    if (words.test(printed)) return asked;
    await systemClock.sleep(every);
  }
  return null;
}

async function byKubectl(namespace: NamespaceFixture, manifest: string): Promise<string> {
  const start = performance.now();
  const apply = await namespace.kubectl(['apply', '--filename=-'], manifest).then(
    () => null,
    () => 'apply refuses; ',
  );
  const args = ['rollout', 'status', 'deployment/web', `--timeout=${timeoutSeconds}s`];
  const [code, last] = await namespace.kubectl(args).then(
    (text) => [0, text.trim().split('\n').at(-1)],
    (error: { exitCode?: number; stderr?: string }) => [error.exitCode, error.stderr?.trim()],
  );
  return `${apply ?? ''}exit ${code} after ${((performance.now() - start) / 1000).toFixed(1)} s: ${last}`;
}
