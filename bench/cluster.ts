import { startCluster } from '@slipway/test-services';
import { type ClusterFixture, startClusterFixture } from '../test/support/cluster/fixture.ts';

/** Runs `body` on its own Kubernetes, with a registry that holds two versions of the test app. */
export async function onCluster(body: (fixture: ClusterFixture) => Promise<void>): Promise<void> {
  const cluster = await startCluster((line) => console.error(line));
  try {
    Object.assign(process.env, cluster.env, {
      SLIPWAY_CLUSTER_KUBECONFIG: cluster.kubeconfig,
      SLIPWAY_CLUSTER_NODE_ADDRESS: cluster.nodeAddress,
    });
    const fixture = await startClusterFixture();
    try {
      await body(fixture);
    } finally {
      await fixture.stop();
    }
  } finally {
    await cluster.stop();
  }
}
