import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { applyObjects } from './cluster/apply.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import {
  type KubernetesObject,
  type LiveNames,
  missingReferences,
  podFromTemplate,
  podReferences,
  quotaRoom,
  surgeNeeds,
  titleOf,
} from './manifests/index.ts';
import type { KubernetesTarget } from './target.ts';

/** Something that would keep pods from coming up, and what to do about it. */
export interface PodProblem {
  what: string;
  remedy: string;
}

/**
 * Looks at the pods that would be made and not only at the objects that make them: what they refer to, whether the
 * quota has room for the surge, and what admission says of such a pod.
 */
export async function podProblems(
  target: KubernetesTarget,
  release: ReleaseObjects,
  live: readonly KubernetesObject[],
): Promise<PodProblem[]> {
  const workloads = Object.values(release.services).flat();
  const missing = await missingOf(target, workloads, release.shared);
  const room = await quotaOf(target, workloads, live);
  // A pod whose parts are missing is refused for them anyway; one sentence a cause is enough.
  const admission =
    missing.length + room.length > 0 ? [] : await admissionOf(target, workloads, release.shared);
  return [...missing, ...room, ...admission];
}

async function missingOf(
  target: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  provided: readonly KubernetesObject[],
): Promise<PodProblem[]> {
  const live = await readNames(target);
  const problems = workloads.flatMap((workload) =>
    missingReferences(podReferences(workload), live, provided),
  );
  return problems.map((what) => ({
    what,
    remedy: `Create it in namespace ${target.kubectl.namespace} before the release, or correct the name.`,
  }));
}

const named = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string() }),
      data: z.record(z.string(), z.unknown()).nullish(),
      binaryData: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});

/**
 * Names, and the keys of Secrets and ConfigMaps; values are dropped where they are read. What the login may not list
 * is unknown (null) and judged by nobody here: the rollout itself tells.
 */
async function readNames({ kubectl, log }: KubernetesTarget): Promise<LiveNames> {
  const list = async (resource: string): Promise<Map<string, Set<string>> | null> => {
    const ended = await kubectl.run(['get', resource, '--output=json']);
    if (!ended.ok) {
      log.warn(
        `this login may not list ${resource}: whether all that pods refer to is there was not checked`,
      );
      return null;
    }
    const { items } = named.parse(JSON.parse(ended.stdout.data));
    return new Map(
      items.map(({ metadata, data, binaryData }) => [
        metadata.name,
        new Set([...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})]),
      ]),
    );
  };
  const [secrets, configMaps, serviceAccounts, claims] = await Promise.all(
    ['secrets', 'configmaps', 'serviceaccounts', 'persistentvolumeclaims'].map(list),
  );
  const namesOf = (map: Map<string, Set<string>> | null | undefined): Set<string> | null =>
    map ? new Set(map.keys()) : null;
  return {
    secrets: secrets ?? null,
    configMaps: configMaps ?? null,
    serviceAccounts: namesOf(serviceAccounts),
    claims: namesOf(claims),
  };
}

async function quotaOf(
  { kubectl }: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
): Promise<PodProblem[]> {
  const ended = await kubectl.run(['get', 'resourcequotas', '--output=json']);
  if (!ended.ok) return [];
  const { items } = JSON.parse(ended.stdout.data) as { items: object[] };
  return workloads
    .filter(({ kind }) => kind !== 'Job')
    .flatMap((workload) => {
      const running = live.find((one) => titleOf(one) === titleOf(workload)) as Replicated | undefined;
      const needs = surgeNeeds(workload, running ? running.spec?.replicas : 0);
      return quotaRoom(items, needs).map((what) => `${titleOf(workload)}: ${what}`);
    })
    .map((what) => ({
      what,
      remedy:
        'Raise the quota, or let the update take an old pod away first (maxUnavailable: 1, maxSurge: 0).',
    }));
}

/** The words of `clusterError` for a login that lacks the right. */
const mayNotAsk = /" may not (?:create|patch|get) pods/;

interface Replicated {
  spec?: { replicas?: number };
}

/** Asks the API server for one pod of each template, without making it: quota, LimitRange, PodSecurity and webhooks. */
async function admissionOf(
  target: KubernetesTarget,
  workloads: readonly KubernetesObject[],
  provided: readonly KubernetesObject[],
): Promise<PodProblem[]> {
  const accounts = new Set(
    provided.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name),
  );
  const problems: PodProblem[] = [];
  for (const workload of workloads) {
    const pod = podFromTemplate(workload, `${workload.metadata.name}-preflight`) as KubernetesObject & {
      spec?: { serviceAccountName?: string };
    };
    // An account that comes with this very release is not there to be asked for yet.
    if (accounts.has(pod.spec?.serviceAccountName ?? '')) continue;
    try {
      await applyObjects(target.kubectl, [pod], { dryRun: true });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (mayNotAsk.test(error.message)) {
        target.log.warn(`this login may not create pods: what admission says of them was not asked`);
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
