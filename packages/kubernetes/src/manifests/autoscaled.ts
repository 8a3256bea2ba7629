import { fields, listed, number, text } from './fields.ts';
import { groupOf, type ManifestDocument, titleOf } from './object.ts';

/** The kinds that choose a number of replicas, with the field of their minimum. */
const scalers: Readonly<Record<string, { group: string; least: string; otherwise: number }>> = {
  HorizontalPodAutoscaler: { group: 'autoscaling', least: 'minReplicas', otherwise: 1 },
  ScaledObject: { group: 'keda.sh', least: 'minReplicaCount', otherwise: 0 },
};

/** The minimum number of replicas per `Deployment/name` that an autoscaler, live or of the manifests, chooses. */
export function leastReplicas(objects: readonly object[]): Map<string, number> {
  const found = objects.flatMap((object): [string, number][] => {
    const scaler = scalers[text(object, 'kind') ?? ''];
    if (scaler?.group !== groupOf(object)) return [];
    const target = fields(object, 'spec', 'scaleTargetRef');
    const title = titleOf({ kind: text(target, 'kind') ?? 'Deployment', metadata: { name: target.name } });
    return [[title, number(object, 'spec', scaler.least) ?? scaler.otherwise]];
  });
  return new Map(found);
}

/**
 * The workloads, as `Deployment/name`, that an autoscaler scales: HorizontalPodAutoscaler of any
 * version, or KEDA's ScaledObject.
 */
export function autoscaled(documents: readonly ManifestDocument[], liveHpas: readonly object[]): Set<string> {
  return new Set(leastReplicas([...documents.map(({ object }) => object), ...liveHpas]).keys());
}

/**
 * Whether a live HorizontalPodAutoscaler may leave its workload without pods. Where KEDA owns it, KEDA does so itself,
 * whatever the minimum is. Any other one is inactive while somebody has scaled the workload to zero.
 */
export function mayScaleToZero(hpa: object): boolean {
  const owners = listed(hpa, 'metadata', 'ownerReferences');
  const isOfKeda = owners.some((one) => one.kind === 'ScaledObject' && groupOf(one) === 'keda.sh');
  return isOfKeda || number(hpa, 'spec', 'minReplicas') === 0;
}
