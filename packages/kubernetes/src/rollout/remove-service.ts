import type { RemovedService } from '@slipway/platform';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { podTails } from '../cluster/logs.ts';
import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';
import { isRunningJob } from './previous-job.ts';

/**
 * Deletes the workloads of a service that did not exist before, without a Job that still runs. Its Services and
 * configuration are harmless and stay.
 */
export async function removeService(target: KubernetesTarget, service: string): Promise<RemovedService> {
  const workloads = (await findServiceWorkloads(target)).get(service) ?? [];
  const left: string[] = [];
  const log: RemovedService['log'][number][] = [];
  for (const { workload } of workloads) {
    const { kind, name } = workload;
    const { workload: live, pods } = await inspectWorkload(target, workload);
    if (live && isRunningJob(live)) {
      left.push(`Job ${name} still runs, and is not cut off`);
      continue;
    }
    log.push(...(await podTails(target.kubectl, pods)));
    const args = ['delete', kind.toLowerCase(), name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.execOrThrow(`remove ${kind} ${name}`, args);
  }
  return { left, log };
}
