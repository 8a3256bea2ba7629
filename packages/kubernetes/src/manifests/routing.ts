import { isDeepStrictEqual } from 'node:util';
import { type Fields, field, fields, isFields } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import { backendName, isService, otherNames, selectorOf } from './traffic.ts';

/** One way from a route to a Service. */
export interface Way {
  service: string;
  /** What decides which requests take it, from the root to the Service: hosts, paths, matches, ports, weights. */
  through: readonly Fields[];
}

/**
 * The ways of a route that take any requests. Pure.
 * @param accepts Whether a name is that of a Service.
 */
export function waysOf(route: KubernetesObject, accepts: (name: string) => boolean): Way[] {
  const walk = (value: unknown): Way[] => {
    if (Array.isArray(value)) return value.flatMap(walk);
    if (!isFields(value)) return [];
    const own: Record<string, unknown> = {};
    const ways: Way[] = [];
    for (const [key, one] of Object.entries(value)) {
      // Certificates decide nothing; a VirtualService has routes there.
      if (key === 'tls' && route.kind !== 'VirtualService') continue;
      const service = backendName(route, key, one);
      const isBackend = service !== null && accepts(service);
      const found = isBackend ? [{ service, through: [] }] : otherNames.has(key) ? [] : walk(one);
      if (found.length === 0) own[key] = one;
      ways.push(...found);
    }
    return ways.map(({ service, through }) => ({ service, through: [own, ...through] }));
  };
  return walk(field(route, 'spec')).filter(({ through }) => !through.some(({ weight }) => weight === 0));
}

/** Whether a way is there among others: for the same requests, and as large a share of them. Pure. */
export function hasWay(way: Way, others: readonly Way[]): boolean {
  return hasStep(way, others, (a, b) => isSameWeight(a, b) && isSameCondition(a, b));
}

/** Whether a way is there among others for the same requests, for whatever share of them. Pure. */
export function hasConditions(way: Way, others: readonly Way[]): boolean {
  return hasStep(way, others, isSameCondition);
}

function hasStep(
  { service, through }: Way,
  others: readonly Way[],
  isAlike: (a: Fields, b: Fields) => boolean,
): boolean {
  return others.some(
    (other) =>
      other.service === service &&
      other.through.length === through.length &&
      through.every((one, at) => isAlike(one, other.through[at] ?? {})),
  );
}

/** What a server takes for a weight that is not given: 1 for a route of the Gateway API, 100 for one of OpenShift. */
const defaultWeights = [1, 100];

function isSameWeight(a: Fields, b: Fields): boolean {
  return defaultWeights.some((weight) => (a.weight ?? weight) === (b.weight ?? weight));
}

/** What a server adds that changes nothing: the Gateway API, and OpenShift. */
const defaults: Readonly<Record<string, readonly unknown[]>> = {
  group: ['', 'gateway.networking.k8s.io'],
  kind: ['Service', 'Gateway'],
  matches: [[{ path: { type: 'PathPrefix', value: '/' } }]],
  path: [{ type: 'PathPrefix', value: '/' }],
  type: ['PathPrefix', 'Exact'],
  value: ['/'],
  wildcardPolicy: ['None'],
};

/** A condition that only one of them has makes it the way of more requests, or of fewer. */
function isSameCondition({ weight: _, ...a }: Fields, { weight: __, ...b }: Fields): boolean {
  return isSame(a, b);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  if (!isFields(a) || !isFields(b)) return a === b;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.every((key) => isSame(a[key], b[key]) || isDefault(key, a[key] ?? b[key], a, b));
}

function isDefault(key: string, value: unknown, a: Fields, b: Fields): boolean {
  const isInOne = a[key] === undefined || b[key] === undefined;
  return isInOne && (defaults[key] ?? []).some((one) => isDeepStrictEqual(one, value));
}

/** Fields of a Service that decide under which address it is found, and not where it leads. */
const addresses = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

/** Whether a live Service or route sends requests where the wanted form of it would. Pure. */
export function leadsAlike(wanted: KubernetesObject, live: KubernetesObject): boolean {
  if (isService(wanted)) {
    const spec = Object.entries(fields(wanted, 'spec')).filter(([key]) => !addresses.includes(key));
    return (
      isDeepStrictEqual(selectorOf(wanted), selectorOf(live)) && isPartOf(Object.fromEntries(spec), live.spec)
    );
  }
  const [now, then] = [waysOf(live, () => true), waysOf(wanted, () => true)];
  return now.every((way) => hasWay(way, then)) && then.every((way) => hasWay(way, now));
}

/** Whether all that a value says is said by another one as well. Lists are compared in whole. Pure. */
export function isPartOf(value: unknown, of: unknown): boolean {
  if (Array.isArray(value))
    return Array.isArray(of) && of.length === value.length && value.every((one, at) => isPartOf(one, of[at]));
  if (isFields(value))
    return isFields(of) && Object.entries(value).every(([key, one]) => isPartOf(one, of[key]));
  return value === of;
}
