import type { Purpose } from '@slipway/platform';
import { applyObjects, FieldConflict } from '../cluster/apply.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import {
  isScalable,
  isScaledByOthers,
  type KubernetesObject,
  number,
  titleOf,
  withField,
} from '../manifests/index.ts';
import { readAutoscaling } from '../render/autoscalers.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';
import { serves } from '../verdict/scope.ts';

/** How often the number of replicas is read at most, when others change it again and again before the apply. */
const maxAttempts = 5;

/**
 * Applies objects of a deploy, workloads with the replicas that they have now where others choose these. When their number
 * was changed after it was read, the apply is refused, and the number is read again.
 * @throws as `applyObjects`.
 */
export async function applyWithReplicas(
  target: KubernetesTarget,
  objects: readonly KubernetesObject[],
  { force }: { force: boolean },
): Promise<KubernetesObject[]> {
  for (let attempt = 1; ; attempt++) {
    const wanted = await Promise.all(objects.map((one) => withReplicas(target, one, 'deploy')));
    try {
      return await applyObjects(target.kubectl, wanted, { force });
    } catch (error) {
      if (attempt === maxAttempts || !wasScaled(error, objects)) throw error;
      target.log.info('somebody changed the number of replicas: reading it again');
    }
  }
}

function wasScaled(error: unknown, objects: readonly KubernetesObject[]): boolean {
  if (!(error instanceof FieldConflict) || !objects.some(isScaledByOthers)) return false;
  return error.fields.every((one) => one === 'spec.replicas');
}

/**
 * The object with the replicas that it is applied with. A workload without `spec.replicas` is scaled by somebody else: it
 * gets its current number, since a field that Slipway once owned and leaves out would be reset to its default, one. A
 * restore takes no capacity away: see `restoredReplicas`.
 * @param before How many it wanted before the release that is put back.
 */
export async function withReplicas(
  target: KubernetesTarget,
  object: KubernetesObject,
  purpose: Purpose,
  before?: number,
): Promise<KubernetesObject> {
  if (!isScalable(object) || (purpose === 'deploy' && !isScaledByOthers(object))) return object;
  const { kind, metadata } = object;
  const snapshot = await inspectWorkload(target, { kind, name: metadata.name });
  if (snapshot.workload === null) return object;
  const { wanted } = snapshot.workload;
  const replicas = purpose === 'deploy' ? wanted : await restoredReplicas(target, object, snapshot, before);
  return { ...object, spec: withField(object.spec, ['replicas'], replicas) };
}

/**
 * How many replicas a saved workload comes back with: its own number, but never fewer than serve now, or than an autoscaler
 * has chosen. More than serve were wanted in vain. What others choose stays as it is, and what somebody has scaled to zero
 * comes back with one.
 */
async function restoredReplicas(
  { kubectl, log }: KubernetesTarget,
  object: KubernetesObject,
  { workload, pods }: Snapshot,
  before = Number.POSITIVE_INFINITY,
): Promise<number> {
  const saved = number(object, 'spec', 'replicas');
  const wanted = workload?.wanted ?? 0;
  if (saved === null && wanted > 0) return wanted;
  if (saved !== null && saved > 0 && saved >= wanted) return saved;
  const { exists, toZero } = await readAutoscaling(kubectl, titleOf(object));
  if (wanted === 0) return saved ?? (toZero ? 0 : 1);
  // Without an autoscaler, what was restored without pods had none because somebody wanted that.
  if (saved === 0 && !exists) return 0;
  const serving = Math.min(wanted, before, pods.filter(serves).length);
  const replicas = Math.max(saved ?? 0, exists ? wanted : serving);
  if (replicas !== saved)
    log.info(`${titleOf(object)} keeps ${replicas} replicas; it was saved with ${saved}`);
  return replicas;
}
