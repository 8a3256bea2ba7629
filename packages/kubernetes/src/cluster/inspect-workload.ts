import { type Clock, Fault } from '@slipway/kernel';
import type { KubernetesObject } from '../manifests/index.ts';
import { readSnapshot } from '../snapshot/read-snapshot.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Kubectl } from './kubectl.ts';

/** The lists that one snapshot needs, in one call of kubectl. */
const lists = 'deployments,statefulsets,daemonsets,jobs,replicasets,pods,events';

/** What it takes to inspect a workload. */
export interface ClusterView {
  kubectl: Kubectl;
  clock: Clock;
}

/** One workload of a service. */
export type WorkloadName = Pick<KubernetesObject, 'kind'> & { name: string };

/** A snapshot of a workload and all that belongs to it. @throws ClusterUnreachable when the API server does not answer. */
export async function inspectWorkload(target: ClusterView, { kind, name }: WorkloadName): Promise<Snapshot> {
  const list = await target.kubectl.get(`inspect ${kind} ${name}`, lists);
  if (list === null) throw new Fault(`the cluster returned an empty answer for ${kind} ${name}`);
  const { namespace } = target.kubectl;
  return readSnapshot(list, { kind, name, namespace }, target.clock.now().toISOString());
}
