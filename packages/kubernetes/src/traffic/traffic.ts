import { Fault, UserError } from '@slipway/kernel';
import * as z from 'zod';
import { applyAccepted, applyObjects } from '../cluster/apply.ts';
import { allLeft, describeLeft, type LeftObjects, nothingLeft } from '../cluster/left-objects.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { isTraffic, isWorkload, type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';
import { type DeferredTraffic, deferredTraffic, type TrafficPod, trafficChanges } from './traffic-changes.ts';

/** How the objects of a release are applied. */
export interface TrafficOptions {
  objects: ReleaseObjects;
  isRestore: boolean;
  /** Whether fields are taken over from other managers. */
  force: boolean;
  /** Asked before requests are sent elsewhere. */
  assertHeld: () => Promise<void>;
  /** Workloads of the release that are ready, as `Deployment/web`: grows while its services are rolled out. */
  ready: Set<string>;
}

/** What decides where requests go changes only when the pods that it leads to are ready. */
export class Traffic {
  readonly #target: KubernetesTarget;
  readonly #options: TrafficOptions;
  #deferred: readonly DeferredTraffic[];
  #left: LeftObjects = nothingLeft;

  private constructor(
    target: KubernetesTarget,
    options: TrafficOptions,
    deferred: readonly DeferredTraffic[],
  ) {
    this.#target = target;
    this.#options = options;
    this.#deferred = deferred;
  }

  /**
   * Compares what the release wants with where requests go now. What the login may not read, or the cluster does not know, is
   * applied at once with everything else.
   * @throws ClusterUnreachable
   */
  static async open(target: KubernetesTarget, options: TrafficOptions): Promise<Traffic> {
    try {
      const deferred = await findDeferred(target, options.objects);
      for (const { object, leadsTo } of deferred)
        target.log.info(`${titleOf(object)} is applied when ${[...leadsTo].join(', ')} is ready`);
      return new Traffic(target, options, deferred);
    } catch (error) {
      if (!(error instanceof UserError || error instanceof Fault)) throw error;
      target.log.warn(`Services and routes are applied before the pods are ready: ${error.message}`);
      return new Traffic(target, options, []);
    }
  }

  /** Whether the object is applied later. */
  isDeferred(object: KubernetesObject): boolean {
    return this.#deferred.some((one) => one.object === object);
  }

  /** What could not go back. */
  get left(): LeftObjects {
    return this.#left;
  }

  /**
   * Applies what leads to nothing but ready workloads, now that these are ready as well.
   * @throws UserError for what the cluster refuses in a deploy; ClusterUnreachable.
   */
  async ready(titles: readonly string[]): Promise<void> {
    const { ready } = this.#options;
    for (const title of titles) ready.add(title);
    const due = this.#deferred.filter(({ leadsTo }) => [...leadsTo].every((title) => ready.has(title)));
    if (due.length === 0) return;
    this.#deferred = this.#deferred.filter((one) => !due.includes(one));
    await this.#options.assertHeld();
    const objects = due.map(({ object }) => object);
    this.#target.log.info(`applying ${objects.map(titleOf).join(', ')}: what it leads to is ready`);
    await retryWhileUnreachable(this.#target, () => this.#apply(objects));
  }

  async #apply(objects: readonly KubernetesObject[]): Promise<void> {
    const { kubectl } = this.#target;
    const { isRestore, force } = this.#options;
    if (!isRestore) {
      await applyObjects(kubectl, objects, { force });
      return;
    }
    const { refused } = await applyAccepted(kubectl, objects);
    this.#left = allLeft(this.#left, await describeLeft(kubectl, refused));
  }
}

/**
 * The objects of a release that would take requests from ready pods if they were applied now.
 * @throws ClusterUnreachable; UserError or Fault when the login may not read what is live.
 */
export async function findDeferred(
  target: KubernetesTarget,
  { shared, services }: ReleaseObjects,
): Promise<DeferredTraffic[]> {
  const objects = shared.filter(isTraffic);
  const changes = trafficChanges(objects, await readLiveObjects(target.kubectl, objects));
  if (changes.length === 0) return [];
  const workloads = [...shared.filter(isWorkload), ...Object.values(services).flat()];
  const serving = workloads.filter(({ kind }) => kind !== 'Job');
  return deferredTraffic(changes, serving, await readPods(target));
}

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        labels: z.record(z.string(), z.string()).nullish(),
        deletionTimestamp: z.string().nullish(),
      }),
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
        .nullish(),
    }),
  ),
});

async function readPods({ kubectl }: KubernetesTarget): Promise<TrafficPod[]> {
  const { items } = podsSchema.parse(await kubectl.get('list the pods', 'pods'));
  return items.map(({ metadata, status }) => ({
    labels: metadata.labels ?? {},
    ready:
      !metadata.deletionTimestamp &&
      (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  }));
}
