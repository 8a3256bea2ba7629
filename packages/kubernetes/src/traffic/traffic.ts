import { Fault, poll, UserError } from '@slipway/kernel';
import { applyAccepted, applyObjects } from '../cluster/apply.ts';
import { allLeft, describeLeft, type LeftObjects, nothingLeft } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';
import { type DeferredTraffic, describeElsewhere } from './deferred-traffic.ts';
import { allTraffic, findDeferred, workloadsIn } from './find-deferred.ts';
import { readReady } from './readiness.ts';

/** How the objects of a release are applied. */
export interface TrafficOptions {
  objects: ReleaseObjects;
  /** Services of the release that are rolled out after this one. */
  later: readonly string[];
  isRestore: boolean;
  /** Whether fields are taken over from other managers. */
  force: boolean;
  /** Asked before requests are sent elsewhere. */
  assertHeld: () => Promise<void>;
}

/** What decides where requests go changes only when the pods that it leads to are ready. */
export class Traffic {
  readonly #target: KubernetesTarget;
  readonly #options: TrafficOptions;
  /** Workloads that were seen to be ready, as `Deployment/web`. */
  readonly #ready = new Set<string>();
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
   * Compares what the release wants with where requests go now. Where the login may not read that, or the cluster does not
   * know it, everything that leads to workloads of the release waits for them.
   * @throws ClusterUnreachable
   */
  static async open(target: KubernetesTarget, options: TrafficOptions): Promise<Traffic> {
    const deferred = await findDeferred(target, options.objects, options.later).catch((error: unknown) => {
      if (!(error instanceof UserError || error instanceof Fault)) throw error;
      target.log.warn(`cannot see where requests go now, so they wait for ready pods: ${error.message}`);
      return allTraffic(options.objects);
    });
    for (const { object, leadsTo } of deferred)
      target.log.info(`${titleOf(object)} is applied when ${[...leadsTo].join(', ')} is ready`);
    return new Traffic(target, options, deferred);
  }

  /** Whether the object is applied later. */
  isDeferred(object: KubernetesObject): boolean {
    return this.#deferred.some((one) => one.object === object);
  }

  /** What could not go back, and after the end what was not applied. */
  get left(): LeftObjects {
    return this.#left;
  }

  /**
   * Applies what leads to nothing but ready workloads, now that these are ready as well. Whether those of other services
   * are is looked up: they are rolled out on their own.
   * @throws UserError for what the cluster refuses in a deploy; ClusterUnreachable.
   */
  async ready(titles: readonly string[]): Promise<void> {
    for (const title of titles) this.#ready.add(title);
    const touched = this.#deferred.filter(({ leadsTo }) => titles.some((title) => leadsTo.has(title)));
    await this.#observe(touched);
    await this.#applyDue();
  }

  /**
   * The end of a rollout: what still waits is applied if its pods are ready by now. Anything else could not go anywhere.
   * @param later Workloads that the release rolls out afterwards; what leads to them may wait for them.
   * @throws as `ready`.
   */
  async settle(later: readonly KubernetesObject[]): Promise<void> {
    await this.#observe(this.#deferred);
    await this.#applyDue();
    const awaited = new Set(later.map(titleOf));
    const refused = this.#deferred.flatMap(({ object, leadsTo }) => {
      const missing = this.#missing(leadsTo);
      if (missing.some((title) => awaited.has(title))) return [];
      const are = missing.length === 1 ? 'is' : 'are';
      return [
        `${titleOf(object)} was not applied: ${missing.join(', ')}, which it leads to, ${are} not ready`,
      ];
    });
    this.#left = allLeft(this.#left, { oneWay: [], refused });
  }

  /**
   * Waits for the pods of workloads that were applied again, and applies what leads to them. Workloads of other services
   * are looked at and not waited for: nobody starts them here.
   * @returns what still leads elsewhere, a sentence without a full stop for each.
   */
  async awaitReady(workloads: readonly KubernetesObject[], timeoutMs: number): Promise<string[]> {
    const { clock, signal } = this.#target;
    const own = new Set(workloads.map(titleOf));
    const touched = () => this.#deferred.filter(({ leadsTo }) => [...leadsTo].some((one) => own.has(one)));
    const during = 'the wait for the old pods';
    await poll({ clock, signal, intervalMs: 1000, timeoutMs, during }, async () => {
      await this.#observe(touched());
      await this.#applyDue();
      const waiting = touched().flatMap(({ leadsTo }) =>
        this.#missing(leadsTo).filter((one) => own.has(one)),
      );
      return waiting.length === 0
        ? { done: true, value: true }
        : { done: false, seen: `${waiting.join(', ')} not ready` };
    });
    return touched().map(({ object, leadsTo }) => describeElsewhere(object, this.#missing(leadsTo), own));
  }

  /** Those that are not ready. */
  #missing(titles: ReadonlySet<string>): string[] {
    return [...titles].filter((one) => !this.#ready.has(one));
  }

  async #observe(deferred: readonly DeferredTraffic[]): Promise<void> {
    const titles = deferred.flatMap(({ leadsTo }) => this.#missing(leadsTo));
    const workloads = workloadsIn(this.#options.objects).filter((one) => titles.includes(titleOf(one)));
    for (const title of await readReady(this.#target, workloads)) this.#ready.add(title);
  }

  async #applyDue(): Promise<void> {
    const due = this.#deferred.filter(({ leadsTo }) => this.#missing(leadsTo).length === 0);
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
