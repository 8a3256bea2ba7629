import { inspectWorkload } from '../cluster/inspect-workload.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { serves } from '../verdict/scope.ts';
import type { ServiceRollout, WorkloadBaseline, WorkloadRollout } from './workload-rollout.ts';

/** The workloads as they are before they are changed. `release`: as below. */
export function readBaselines(
  target: KubernetesTarget,
  { service, traffic }: { service: ServiceRollout; traffic: Traffic },
  workloads: readonly KubernetesObject[],
  release: string | null,
): Promise<WorkloadRollout[]> {
  return Promise.all(
    workloads.map(async (workload) => {
      const baseline = await readBaseline(target, workload, release);
      return { target, service, traffic, workload, release, baseline };
    }),
  );
}

/** `release`: the one that is about to be rolled out. */
async function readBaseline(
  target: KubernetesTarget,
  workload: KubernetesObject,
  release: string | null,
): Promise<WorkloadBaseline> {
  const snapshot = await inspectWorkload(target, { kind: workload.kind, name: workload.metadata.name });
  const serving = snapshot.pods.filter(serves);
  return {
    snapshot,
    release: snapshot.workload?.release ?? null,
    serving: serving.length,
    old: serving.filter((pod) => pod.release !== release).length,
    template: snapshot.workload?.template ?? null,
  };
}
