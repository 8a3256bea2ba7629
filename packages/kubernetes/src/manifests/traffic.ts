import { type Fields, field, fields, isFields } from './fields.ts';
import { groupOf, type KubernetesObject } from './object.ts';
import { selects, templateOf } from './workload.ts';

/** Kinds that send requests from outside to Services. */
export const routeKinds: readonly string[] = [
  'Ingress',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'IngressRoute',
  'VirtualService',
  'Route',
];

/** A Service of the core, which Knative's is not. */
export function isService(object: KubernetesObject): boolean {
  return object.kind === 'Service' && groupOf(object) === '';
}

/** Whether the object decides which pods receive requests. */
export function isTraffic(object: KubernetesObject): boolean {
  return isService(object) || routeKinds.includes(object.kind);
}

/** The labels of the pods that a Service leads to; null when it selects none itself. */
export function selectorOf(service: object): Fields | null {
  const selector = fields(service, 'spec', 'selector');
  return Object.keys(selector).length > 0 ? selector : null;
}

/** Whether the selector of a Service selects pods with these labels. */
export function selectsLabels(selector: Fields | null, labels: Fields): boolean {
  return selector !== null && selects({ matchLabels: selector }, labels);
}

/** The labels of the pods of a workload. */
export function podLabelsOf(workload: object): Fields {
  return fields(templateOf(workload) ?? {}, 'metadata', 'labels');
}

/** Keys of routes under which something else than a Service is named. */
const otherNames: ReadonlySet<string> = new Set(['parentRefs', 'middlewares', 'tls']);

/** Which of the Services a route sends requests to. */
export function backendsOf(route: KubernetesObject, services: ReadonlySet<string>): Set<string> {
  const keys = route.kind === 'VirtualService' ? ['host'] : ['name', 'serviceName'];
  return new Set(namesIn(field(route, 'spec'), keys).filter((name) => services.has(name)));
}

/** The texts under these keys; of a host name its first part. */
function namesIn(value: unknown, keys: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, keys));
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (otherNames.has(key)) return [];
    return keys.includes(key) && typeof one === 'string' ? [one.split('.')[0] ?? one] : namesIn(one, keys);
  });
}
