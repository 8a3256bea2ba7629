import { Fault } from '@slipway/kernel';
import type { KubernetesObject } from '../manifests/index.ts';
import { readSnapshot } from '../snapshot/read-snapshot.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';

/** The lists that one look asks for, in one request of kubectl. */
const lists = 'deployments,statefulsets,daemonsets,jobs,replicasets,pods,events';

/** One workload of a service. */
export type WorkloadName = Pick<KubernetesObject, 'kind'> & { name: string };

/** One look at a workload and all that belongs to it. @throws ClusterUnreachable when the API server does not answer. */
export async function look(target: KubernetesTarget, { kind, name }: WorkloadName): Promise<Snapshot> {
  const list = await target.kubectl.get(`look at ${kind} ${name}`, lists);
  if (list === null) throw new Fault(`the cluster answered nothing when asked for ${kind} ${name}`);
  const { namespace } = target.kubectl;
  return readSnapshot(list, { kind, name, namespace }, target.clock.now().toISOString());
}
