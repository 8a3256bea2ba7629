import { type Parts, runRounds } from './rounds.ts';

/** Sees to a cluster, which all the files share one after the other, and to the parts that they start themselves. */
async function startParts(say: (line: string) => void): Promise<Parts> {
  const { provision, startCluster } = await import('@slipway/test-services');
  await provision(['engine', 'buildx', 'registry', 'postgres', 'nginx'], say);
  const cluster = await startCluster(say);
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

await runRounds(
  [{ title: 'cluster', files: /^test\/cluster\//, workers: 2, start: startParts }],
  process.argv.slice(2),
);
