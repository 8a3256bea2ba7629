import { startCluster } from '@slipway/test-services';
import { type ClusterFixture, startClusterFixture } from '../test/support/cluster/fixture.ts';

/** Runs `body` on its own Kubernetes, with a registry that holds two versions of the test app. */
export async function onCluster(body: (ground: ClusterFixture) => Promise<void>): Promise<void> {
  const cluster = await startCluster((line) => console.error(line));
  try {
    Object.assign(process.env, cluster.env, {
      SLIPWAY_CLUSTER_KUBECONFIG: cluster.kubeconfig,
      SLIPWAY_CLUSTER_NODE_ADDRESS: cluster.nodeAddress,
    });
    const ground = await startClusterFixture();
    try {
      await body(ground);
    } finally {
      await ground.stop();
    }
  } finally {
    await cluster.stop();
  }
}
