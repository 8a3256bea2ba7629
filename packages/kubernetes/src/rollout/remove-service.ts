import { Cancelled, describeError } from '@slipway/kernel';
import type { DesiredService, NewerReleases, RemovedService } from '@slipway/platform';
import { inspectWorkload, type WorkloadName } from '../cluster/inspect-workload.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { podTails } from '../cluster/logs.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { type KubernetesObject, releaseOf, text, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';
import { isRunningJob } from './previous-job.ts';
import type { ReleaseSource } from './release-source.ts';

type Removed = { left: string[]; log: RemovedService['log'][number][] };

/**
 * Deletes the workloads of a service that did not exist before, without a Job that still runs, and without those that a
 * restored service has, too: a service that was renamed, or that is another container, has the same workload. Its Services
 * and configuration are harmless and stay.
 * @param of `release`: the one that has added it, and has saved what belongs to it. `restored`: what has come back.
 */
export async function removeService(
  target: KubernetesTarget,
  source: ReleaseSource,
  { service, release, restored }: { service: string; release: string; restored: readonly DesiredService[] },
): Promise<RemovedService> {
  const saved = await source.saved(release);
  const workloads = saved
    ? (saved.services[service] ?? []).map(nameOf)
    : ((await findServiceWorkloads(target)).get(service) ?? []).map(({ workload }) => workload);
  const known = await titlesOf(source, restored);
  const removed: Removed = { left: [], log: [] };
  for (const workload of workloads)
    if (!known.has(`${workload.kind}/${workload.name}`)) await removeWorkload(target, workload, removed);
  return removed;
}

/** What restored services consist of, and what belongs to no service. */
async function titlesOf(
  source: ReleaseSource,
  restored: readonly DesiredService[],
): Promise<ReadonlySet<string>> {
  const saved = await Promise.all(restored.map(({ release }) => source.saved(release)));
  return new Set(saved.flatMap(allOf).map(titleOf));
}

const addedKinds: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'];

/**
 * Deletes the workloads that newer releases have created and that what was restored does not have: one that was renamed would
 * serve next to the older one, and a CronJob would run the newer version. What cannot be deleted, or was there before those
 * releases, is named.
 */
export async function removeAdded(
  target: KubernetesTarget,
  source: ReleaseSource,
  { newer, services }: { newer: NewerReleases; services: readonly DesiredService[] },
): Promise<RemovedService> {
  const removed: Removed = { left: [], log: [] };
  const added = await findAdded(target, source, { newer, services }).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error;
    removed.left.push(`What newer releases have added was not removed: ${describeError(error)}`);
    return [];
  });
  for (const live of added) {
    const title = `${live.kind} ${live.metadata.name}`;
    if (createdAt(live) < newer.since.getTime()) {
      removed.left.push(`${title} was there before, and stays as the newer release left it`);
      continue;
    }
    await removeWorkload(target, nameOf(live), removed).catch((error: unknown) => {
      if (error instanceof Cancelled) throw error;
      removed.left.push(`${title} of the newer release was not removed: ${describeError(error)}`);
    });
  }
  return removed;
}

/** As they are live, without those that carry a release which is not left: another application rolls them out, too. */
async function findAdded(
  target: KubernetesTarget,
  source: ReleaseSource,
  { newer, services }: { newer: NewerReleases; services: readonly DesiredService[] },
): Promise<KubernetesObject[]> {
  const known = await titlesOf(source, services);
  const saved = (await Promise.all(newer.ids.map((id) => source.saved(id)))).flatMap(allOf);
  const added = new Map(saved.filter((one) => isAdded(one, known)).map((one) => [titleOf(one), one]));
  const live = await retryWhileUnreachable(target, () =>
    readLiveObjects(target.kubectl, [...added.values()]),
  );
  const isLeft = (release: string | null): boolean => release === null || newer.ids.includes(release);
  return live.filter((one) => isLeft(releaseOf(one)));
}

function allOf(objects: ReleaseObjects | null): KubernetesObject[] {
  return objects ? [...objects.shared, ...Object.values(objects.services).flat()] : [];
}

function isAdded(object: KubernetesObject, known: ReadonlySet<string>): boolean {
  return addedKinds.includes(object.kind) && !known.has(titleOf(object));
}

/** In whole seconds, as the API server gives it. */
function createdAt(object: KubernetesObject): number {
  return Date.parse(text(object, 'metadata', 'creationTimestamp') ?? '');
}

async function removeWorkload(
  target: KubernetesTarget,
  workload: WorkloadName,
  { left, log }: Removed,
): Promise<void> {
  const { kind, name } = workload;
  const { workload: live, pods } = await inspectWorkload(target, workload);
  if (live && isRunningJob(live)) {
    left.push(`Job ${name} still runs, and is not cut off`);
    return;
  }
  log.push(...(await podTails(target.kubectl, pods)));
  const args = ['delete', kind.toLowerCase(), name, '--ignore-not-found', '--timeout=25s'];
  await target.kubectl.execOrThrow(`remove ${kind} ${name}`, args);
}

function nameOf({ kind, metadata }: KubernetesObject): WorkloadName {
  return { kind, name: metadata.name };
}
