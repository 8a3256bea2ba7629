import type { Cluster } from './cluster.ts';
import { useExternalCluster } from './external-cluster.ts';
import { startKindCluster } from './kind.ts';
import { startOwnCluster } from './own.ts';

/**
 * A Kubernetes for tests: the one that `SLIPWAY_TEST_KUBECONFIG` names, else one made by kind where that is installed
 * and able to, else a one-node cluster on this machine, which is built first where that has not been done.
 * @param signal Ends the waiting for another cluster of this machine.
 * @throws UserError that names the ways to have one, when this machine has none of them.
 */
export async function startCluster(
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<Cluster> {
  return (await useExternalCluster(say)) ?? (await startKindCluster(say)) ?? startOwnCluster(say, signal);
}
