import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { applyObjects } from '../cluster/apply.ts';
import {
  type KubernetesObject,
  missingReferences,
  number,
  podFromTemplate,
  podReferences,
  quotaRoom,
  surgeNeeds,
  text,
  titleOf,
} from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';
import { readLiveNames } from './live-names.ts';
import type { Problem } from './problem.ts';

/**
 * Checks the pods that would be created and not only the objects that create them: what they refer to, whether the
 * quota has room for the surge, and whether admission accepts them.
 */
export async function checkPods(
  target: KubernetesTarget,
  release: ReleaseObjects,
  live: readonly KubernetesObject[],
): Promise<Problem[]> {
  const workloads = Object.values(release.services).flat();
  const missing = await checkReferences(target, workloads, release.shared);
  const quota = await checkQuota(target, workloads, live);
  // A pod with missing references is refused anyway; one sentence for each cause is enough.
  const problems = [...missing, ...quota];
  return problems.length > 0 ? problems : checkAdmission(target, workloads, release.shared);
}

async function checkReferences(
  target: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  provided: readonly KubernetesObject[],
): Promise<Problem[]> {
  const live = await readLiveNames(target);
  const problems = workloads.flatMap((workload) =>
    missingReferences(podReferences(workload), live, provided),
  );
  return problems.map((what) => ({
    what,
    remedy: `Create it in namespace ${target.kubectl.namespace} before the release, or correct the name.`,
  }));
}

const quotaListSchema = z.object({ items: z.array(z.looseObject({})) });

async function checkQuota(
  { kubectl }: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
): Promise<Problem[]> {
  const result = await kubectl.run(['get', 'resourcequotas', '--output=json']);
  if (!result.ok) return [];
  const { items } = quotaListSchema.parse(JSON.parse(result.stdout.data));
  return workloads
    .filter(({ kind }) => kind !== 'Job')
    .flatMap((workload) => {
      const running = live.find((one) => titleOf(one) === titleOf(workload));
      const replicas = running ? (number(running, 'spec', 'replicas') ?? undefined) : 0;
      return quotaRoom(items, surgeNeeds(workload, replicas)).map((what) => ({
        what: `${titleOf(workload)}: ${what}`,
        remedy:
          'Raise the quota, or let the update remove an old pod first (maxUnavailable: 1, maxSurge: 0).',
      }));
    });
}

/** The words of `clusterError` for a login that lacks the right. */
const mayNotCreatePods = /" may not (?:create|patch|get) pods/;

/** Asks the API server for one pod of each template, without creating it: quota, LimitRange, PodSecurity and webhooks. */
async function checkAdmission(
  target: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  provided: readonly KubernetesObject[],
): Promise<Problem[]> {
  const accounts = new Set(
    provided.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name),
  );
  const problems: Problem[] = [];
  for (const workload of workloads) {
    const pod = podFromTemplate(workload, `${workload.metadata.name}-preflight`);
    // An account that comes with this release does not exist yet.
    if (accounts.has(text(pod, 'spec', 'serviceAccountName') ?? '')) continue;
    try {
      await applyObjects(target.kubectl, [pod], { dryRun: true });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (mayNotCreatePods.test(error.message)) {
        target.log.warn('this login may not create pods: whether they would be admitted was not checked');
        return problems;
      }
      problems.push({
        what: `a pod of ${titleOf(workload)} would be refused: ${error.message}`,
        remedy: error.hint ?? '',
      });
    }
  }
  return problems;
}
