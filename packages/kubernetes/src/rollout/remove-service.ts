import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';

/** Deletes the workloads of a service that did not exist before. Its Services and configuration are harmless and stay. */
export async function removeService(target: KubernetesTarget, service: string): Promise<void> {
  const workloads = (await findServiceWorkloads(target)).get(service) ?? [];
  for (const { workload } of workloads) {
    const { kind, name } = workload;
    const args = ['delete', kind.toLowerCase(), name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.execOrThrow(`remove ${kind} ${name}`, args);
  }
}
