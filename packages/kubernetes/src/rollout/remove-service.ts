import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';
import { isRunningJob } from './previous-job.ts';

/**
 * Deletes the workloads of a service that did not exist before, without a Job that still runs. Its Services and
 * configuration are harmless and stay.
 * @returns sentences about what stays.
 */
export async function removeService(target: KubernetesTarget, service: string): Promise<string[]> {
  const workloads = (await findServiceWorkloads(target)).get(service) ?? [];
  const left: string[] = [];
  for (const { workload } of workloads) {
    const { kind, name } = workload;
    const { workload: live } = await inspectWorkload(target, workload);
    if (live && isRunningJob(live)) {
      left.push(`Job ${name} still runs, and is not cut off`);
      continue;
    }
    const args = ['delete', kind.toLowerCase(), name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.execOrThrow(`remove ${kind} ${name}`, args);
  }
  return left;
}
