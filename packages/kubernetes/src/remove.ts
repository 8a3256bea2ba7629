import { servedBy } from './documents.ts';
import type { KubernetesTarget } from './target.ts';

/** Deletes the workloads of a service that had nothing before; its Services and configuration harm nobody and stay. */
export async function removeService(target: KubernetesTarget, service: string): Promise<void> {
  const workloads = (await servedBy(target)).get(service) ?? [];
  for (const { workload } of workloads) {
    const args = [
      'delete',
      workload.kind.toLowerCase(),
      workload.name,
      '--ignore-not-found',
      '--timeout=25s',
    ];
    await target.kubectl.demand(`remove ${workload.kind} ${workload.name}`, args);
  }
}
