import { type KubernetesObject, podLabelsOf, releaseOf, selectsLabels, titleOf } from '../manifests/index.ts';
import type { Selector, TrafficChange } from './traffic-changes.ts';

/** A pod, as far as requests to it are concerned. */
export interface TrafficPod {
  labels: Readonly<Record<string, string>>;
  ready: boolean;
  /** Release that it carries; null when it belongs to no service, or Slipway did not make it. */
  release: string | null;
}

/** A change that waits for the pods that it leads to. */
export interface DeferredTraffic {
  object: KubernetesObject;
  /** The workloads of these pods, as `Deployment/web`. */
  leadsTo: ReadonlySet<string>;
}

/** What the pods of a release come from. */
export interface RolledWorkloads {
  workloads: readonly KubernetesObject[];
  /** Those of services that are rolled out after this one, as `Deployment/web`. */
  later: readonly string[];
}

/**
 * The changes after which fewer ready pods would receive requests than now, with the workloads of the release that they wait
 * for. Other requests to the same pods are for those of the release. A change that leads to no workload of the release waits
 * for nothing. Pure.
 */
export function deferredTraffic(
  changes: readonly TrafficChange[],
  { workloads, later }: RolledWorkloads,
  pods: readonly TrafficPod[],
): DeferredTraffic[] {
  const ready = pods.filter((pod) => pod.ready);
  const selected = (selector: Selector) => ready.filter(({ labels }) => selectsLabels(selector, labels));
  const count = (selector: Selector): number => selected(selector).length;
  const lacksRelease = (selector: Selector): boolean => {
    const releases = new Set(ledBy([selector], workloads).map(releaseOf));
    const all = selected(selector);
    const own = all.filter(({ release }) => release !== null && releases.has(release)).length;
    return own < Math.max(1, all.length - own);
  };
  const first = workloads.filter((one) => !later.includes(titleOf(one)));
  return changes.flatMap(({ object, to, again, from, before }) => {
    // Where nothing is ready now, no request can be lost.
    if (before.length > 0 && before.every((selector) => count(selector) === 0)) return [];
    const needed = Math.max(1, ...from.map(count));
    // Pods that follow have requests already, and what leads to others as well cannot wait for them: those are proven first.
    const mine = again.filter((selector) => ledBy([selector], first).length > 0);
    const awaited = (mine.length > 0 ? mine : again).filter(lacksRelease);
    if (to.every((selector) => count(selector) >= needed) && awaited.length === 0) return [];
    const led = [...ledBy(to, workloads), ...ledBy(awaited, mine.length > 0 ? first : workloads)];
    return deferUntil(
      object,
      workloads.filter((one) => led.includes(one)),
    );
  });
}

/** The object as it waits for the workloads that it leads to; empty when it leads to none of them. Pure. */
export function deferTo(
  object: KubernetesObject,
  to: readonly (Selector | null)[],
  workloads: readonly KubernetesObject[],
): DeferredTraffic[] {
  return deferUntil(object, ledBy(to, workloads));
}

function deferUntil(object: KubernetesObject, led: readonly KubernetesObject[]): DeferredTraffic[] {
  return led.length > 0 ? [{ object, leadsTo: new Set(led.map(titleOf)) }] : [];
}

function ledBy(
  selectors: readonly (Selector | null)[],
  workloads: readonly KubernetesObject[],
): KubernetesObject[] {
  return workloads.filter((one) => selectors.some((selector) => selectsLabels(selector, podLabelsOf(one))));
}

/**
 * Why a Service or a route could not go back, a sentence without a full stop. Pure.
 * @param missing Workloads, as `Deployment/web`, that are not ready in the previous release.
 * @param own Those that were put back; the others are those of other services.
 */
export function describeElsewhere(
  object: KubernetesObject,
  missing: readonly string[],
  own: ReadonlySet<string>,
): string {
  const late = missing.filter((one) => own.has(one));
  const others = missing.filter((one) => !own.has(one));
  const why = [
    ...(late.length > 0 ? [`${late.join(', ')} ${late.length === 1 ? 'is' : 'are'} not ready`] : []),
    ...others.map((one) => `${one} of another service does not serve the previous release`),
  ];
  return `${titleOf(object)} still leads to the release that failed, since ${why.join(' and ')}`;
}
