import type { Parts, Round } from './rounds.ts';

/** The tests that need a Kubernetes, two files at a time. */
export const clusterRound: Round = {
  title: 'cluster',
  files: /^test\/cluster\//,
  workers: 2,
  start: startParts,
};

/** Sees to a cluster, which all the files share, and to the parts that they start themselves. */
async function startParts(say: (line: string) => void, signal: AbortSignal): Promise<Parts> {
  const { provision, startCluster } = await import('@slipway/test-services');
  await provision(['engine', 'buildx', 'registry', 'postgres', 'nginx'], say);
  const cluster = await startCluster(say, signal);
  return {
    env: {
      ...cluster.env,
      SLIPWAY_CLUSTER_KUBECONFIG: cluster.kubeconfig,
      SLIPWAY_CLUSTER_NODE_ADDRESS: cluster.nodeAddress,
      SLIPWAY_CLUSTER_HOST_ADDRESS: cluster.hostAddress,
    },
    stop: cluster.stop,
  };
}
