import { field, type KubernetesObject, text, titleOf } from '../manifests/index.ts';
import type { RefusedObject } from './apply.ts';
import type { Kubectl } from './kubectl.ts';
import { readLiveObjects } from './live-objects.ts';

/** Objects that could not go back, as sentences without a full stop. */
export interface LeftObjects {
  /** They stay as they are for good. */
  oneWay: readonly string[];
  /** They were refused for a reason that can be removed: a policy, a quota, a kind that is gone. */
  refused: readonly string[];
}

/** What is left of each refused object, by what the cluster has of it now. */
export async function describeLeft(
  kubectl: Kubectl,
  refused: readonly RefusedObject[],
): Promise<LeftObjects> {
  const oneWay = refused.filter(({ refusal }) => refusal.isOneWay);
  const objects = oneWay.map(({ object }) => object);
  const live = await readLiveObjects(kubectl, objects).catch((): KubernetesObject[] => []);
  const liveOf = (object: KubernetesObject) => live.find((one) => titleOf(one) === titleOf(object));
  return {
    oneWay: oneWay.map((one) => sentenceOf(one, liveOf(one.object))),
    refused: refused.filter(({ refusal }) => !refusal.isOneWay).map(({ refusal }) => refusal.what),
  };
}

/** Why an object stays as it is: `PersistentVolumeClaim data stays at 2Gi: a claim cannot shrink`. Pure. */
export function sentenceOf({ object, refusal }: RefusedObject, live: KubernetesObject | undefined): string {
  const { kind } = object;
  const title = `${kind} ${object.metadata.name}`;
  const size = text(live, 'spec', 'resources', 'requests', 'storage');
  if (kind === 'PersistentVolumeClaim' && size !== null && /less than/.test(refusal.what))
    return `${title} stays at ${size}: a claim cannot shrink`;
  if (field(live, 'immutable') === true) return `${title} stays as it is: it is immutable`;
  const why = refusal.what
    .replace(`${title} `, '')
    .replace(/^(?:is invalid|cannot be changed(?: in place)?|does not allow this change): /, '');
  return `${title} stays as it is: ${why}`;
}
