import * as z from 'zod';
import { previewApplied } from '../cluster/apply.ts';
import { clusterError } from '../cluster/cluster-error.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { parsePrintedObjects } from '../cluster/printed-objects.ts';
import {
  isService,
  isTraffic,
  isWorkload,
  type KubernetesObject,
  selectorOf,
  titleOf,
  waysOf,
} from '../manifests/index.ts';
import { marks } from '../marks.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';
import { type DeferredTraffic, deferredTraffic, deferTo, type TrafficPod } from './deferred-traffic.ts';
import { trafficChanges } from './traffic-changes.ts';

/**
 * The objects of a release that would take requests from ready pods if they were applied now.
 * @param later Services of the release that are rolled out after this one.
 * @throws ClusterUnreachable; UserError or Fault when the login may not read what is live.
 */
export async function findDeferred(
  target: KubernetesTarget,
  { shared, services }: ReleaseObjects,
  later: readonly string[],
): Promise<DeferredTraffic[]> {
  const objects = shared.filter(isTraffic);
  if (objects.length === 0) return [];
  const [live, others] = await Promise.all([readLiveObjects(target.kubectl, objects), readServices(target)]);
  if (live.length === 0) return [];
  const titles = new Set(live.map(titleOf));
  const existing = objects.filter((one) => titles.has(titleOf(one)));
  // The server knows its defaults, and which fields stay that others own.
  const next = await previewApplied(target, existing);
  const changes = trafficChanges(objects, { live, next, others });
  if (changes.length === 0) return [];
  const rolled = {
    workloads: workloadsIn({ shared, services }),
    later: later.flatMap((name) => services[name] ?? []).map(titleOf),
  };
  return deferredTraffic(changes, rolled, await readPods(target));
}

/** Every Service and route of a release, with the workloads that it leads to; without those that lead to none. Pure. */
export function allTraffic(objects: ReleaseObjects): DeferredTraffic[] {
  const workloads = workloadsIn(objects);
  const services = objects.shared.filter(isService);
  const names = new Set(services.map(({ metadata }) => metadata.name));
  return objects.shared.filter(isTraffic).flatMap((object) => {
    const backends = new Set(waysOf(object, (name) => names.has(name)).map(({ service }) => service));
    const led = isService(object) ? [object] : services.filter(({ metadata }) => backends.has(metadata.name));
    return deferTo(object, led.map(selectorOf), workloads);
  });
}

/** The workloads of a release that can receive requests. Pure. */
export function workloadsIn({ shared, services }: ReleaseObjects): KubernetesObject[] {
  const workloads = [...shared.filter(isWorkload), ...Object.values(services).flat()];
  return workloads.filter(({ kind }) => kind !== 'Job');
}

/** All Services of the namespace; none when the login may not list them, since those of the release are read by name. */
async function readServices({ kubectl }: KubernetesTarget): Promise<KubernetesObject[]> {
  const result = await kubectl.run(['get', 'services', '--output=json']);
  if (result.ok) return parsePrintedObjects(result.stdout.data);
  if (/forbidden/i.test(result.stderr.data)) return [];
  throw clusterError('list the Services', result);
}

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        labels: z.record(z.string(), z.string()).nullish(),
        annotations: z.record(z.string(), z.string()).nullish(),
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
    release: metadata.annotations?.[marks.release] ?? null,
    ready:
      !metadata.deletionTimestamp &&
      (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  }));
}
