import { type ClusterFixture, makeNamespace } from '../test/support/cluster/fixture.ts';
import { deployment, service } from '../test/support/cluster/manifests.ts';
import { release } from '../test/support/cluster/release.ts';
import { onCluster } from './cluster.ts';
import { median, table } from './measure.ts';

const trials = 5;
/** Seconds that new pods are watched after all are ready. */
const hold = 3;

/** What a rollout that succeeds takes on Kubernetes, next to `kubectl apply` and `kubectl rollout status`, in turns. */
export async function rolloutCost(): Promise<void> {
  await onCluster(async (cluster) => {
    const ours = await bySlipway(cluster);
    const theirs = await byKubectl(cluster);
    const times: { ours: number; theirs: number }[] = [];
    await ours('one');
    await theirs('one');
    for (let trial = 0; trial < trials; trial++) {
      const image = trial % 2 === 0 ? 'two' : 'one';
      times.push({ ours: await ours(image), theirs: await theirs(image) });
      console.error(times.at(-1));
    }
    const [slipway, kubectl] = [
      median(times.map(({ ours }) => ours)),
      median(times.map(({ theirs }) => theirs)),
    ];
    const head = ['', 'median s', 'over kubectl, without the hold s'];
    const rows = [
      ['kubectl apply, kubectl rollout status', kubectl.toFixed(1), ''],
      [
        `Slipway, ${hold} s hold, state and proof included`,
        slipway.toFixed(1),
        (slipway - hold - kubectl).toFixed(1),
      ],
    ];
    console.log(table(head, rows));
  });
}

type Rollout = (image: 'one' | 'two') => Promise<number>;

async function bySlipway(cluster: ClusterFixture): Promise<Rollout> {
  const namespace = await makeNamespace(cluster, { service: { 'stable-for': hold * 1000 } });
  namespace.writeWeb();
  let count = 0;
  return seconds(async (image) => {
    const result = await release(namespace, cluster.images[image], `r${++count}`);
    if (result.outcome !== 'passed') throw new Error(`it was not rolled out: ${JSON.stringify(result)}`);
  });
}

async function byKubectl(cluster: ClusterFixture): Promise<Rollout> {
  const namespace = await makeNamespace(cluster);
  await namespace.kubectl(['apply', '--filename=-'], service);
  return seconds(async (image) => {
    await namespace.kubectl(['apply', '--filename=-'], deployment(cluster.images[image]));
    await namespace.kubectl(['rollout', 'status', 'deployment/web', '--timeout=120s']);
  });
}

function seconds(roll: (image: 'one' | 'two') => Promise<void>): Rollout {
  return async (image) => {
    const start = performance.now();
    await roll(image);
    return (performance.now() - start) / 1000;
  };
}
