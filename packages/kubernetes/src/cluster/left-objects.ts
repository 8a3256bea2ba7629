import {
  field,
  isPartOf,
  isTraffic,
  type KubernetesObject,
  leadsAlike,
  text,
  titleOf,
} from '../manifests/index.ts';
import type { RefusedObject } from './apply.ts';
import type { Kubectl } from './kubectl.ts';
import { readLiveObjects } from './live-objects.ts';

/** Objects that could not go back, as sentences without a full stop. */
export interface LeftObjects {
  /** They stay as they are for good. */
  oneWay: readonly string[];
  /**
   * What keeps the release from being restored: refused for a reason that can be removed (a policy, a quota, a port that is
   * in use), or still leading requests elsewhere.
   */
  refused: readonly string[];
}

export const nothingLeft: LeftObjects = { oneWay: [], refused: [] };

/** What is left of several applies together. */
export function allLeft(...each: readonly LeftObjects[]): LeftObjects {
  return {
    oneWay: each.flatMap(({ oneWay }) => oneWay),
    refused: each.flatMap(({ refused }) => refused),
  };
}

/** What is left of each refused object, by what the cluster has of it now. */
export async function describeLeft(
  kubectl: Kubectl,
  refused: readonly RefusedObject[],
): Promise<LeftObjects> {
  const oneWay = refused.filter(({ refusal }) => refusal.isOneWay).map(({ object }) => object);
  const live = await readLiveObjects(kubectl, oneWay).catch((): KubernetesObject[] => []);
  const left = refused.map((one) =>
    leftOf(
      one,
      live.find((other) => titleOf(other) === titleOf(one.object)),
    ),
  );
  return allLeft(...left);
}

/** What is left of one refused object. An object that leads requests is never left silently where it leads elsewhere. Pure. */
export function leftOf(one: RefusedObject, live: KubernetesObject | undefined): LeftObjects {
  const { object, refusal } = one;
  if (!refusal.isOneWay) return { oneWay: [], refused: [refusal.what] };
  if (!isTraffic(object) || (live && leadsAlike(object, live)))
    return { oneWay: [sentenceOf(one, live)], refused: [] };
  const leads = live ? 'still leads elsewhere' : 'may lead elsewhere';
  return { oneWay: [], refused: [`${nameOf(object)} ${leads}: ${whyOf(one)}`] };
}

/** What a restore leaves outside the namespace, where it is not as it was or may not be read. */
export async function describeOutside(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
): Promise<string[]> {
  const live = await readLiveObjects(kubectl, objects).catch((): KubernetesObject[] => []);
  const isAsBefore = (one: KubernetesObject): boolean =>
    live.some((other) => titleOf(other) === titleOf(one) && isPartOf({ ...one, metadata: {} }, other));
  return objects
    .filter((one) => !isAsBefore(one))
    .map((one) => `${nameOf(one)} stays as it is: it is outside the namespace`);
}

/** Why an object stays as it is: `PersistentVolumeClaim data stays at 2Gi: a claim cannot shrink`. Pure. */
export function sentenceOf({ object, refusal }: RefusedObject, live: KubernetesObject | undefined): string {
  const { kind } = object;
  const title = nameOf(object);
  const size = text(live, 'spec', 'resources', 'requests', 'storage');
  if (kind === 'PersistentVolumeClaim' && size !== null && /less than/.test(refusal.what))
    return `${title} stays at ${size}: a claim cannot shrink`;
  if (field(live, 'immutable') === true) return `${title} stays as it is: it is immutable`;
  return `${title} stays as it is: ${whyOf({ object, refusal })}`;
}

function whyOf({ object, refusal }: RefusedObject): string {
  return refusal.what
    .replace(`${nameOf(object)} `, '')
    .replace(/^(?:is invalid|cannot be changed(?: in place)?|does not allow this change): /, '');
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}
