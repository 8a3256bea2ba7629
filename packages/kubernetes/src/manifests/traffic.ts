import { type Fields, fields, listed } from './fields.ts';
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
export function isService(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return object.kind === 'Service' && groupOf(object) === '';
}

/** Whether the object decides which pods receive requests. */
export function isTraffic(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
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

/** Where a Service sends requests: `8080` or the name of a port of its pods, by its own ports, as `80/TCP`. */
export type ServicePorts = ReadonlyMap<string, string>;

/** The ports of a Service, with the defaults of the server. */
export function portsOf(service: object): ServicePorts {
  return new Map(
    listed(service, 'spec', 'ports').map(({ port, protocol = 'TCP', targetPort = port }) => [
      `${port}/${protocol}`,
      String(targetPort),
    ]),
  );
}

/**
 * Whether requests to a port go to another port of the pods than before, or to none. A port that was not there takes requests
 * from nobody.
 */
export function movesPort(before: ServicePorts, after: ServicePorts): boolean {
  return [...before].some(([port, target]) => after.get(port) !== target);
}

/** The labels of the pods of a workload. */
export function podLabelsOf(workload: object): Fields {
  return fields(templateOf(workload) ?? {}, 'metadata', 'labels');
}

/** Keys of routes under which something else than a Service is named. */
export const otherNames: ReadonlySet<string> = new Set(['parentRefs', 'middlewares']);

/** The name that a field of a route may have of a Service, of a host name its first part; null for any other field. */
export function backendName({ kind }: KubernetesObject, key: string, value: unknown): string | null {
  const keys = kind === 'VirtualService' ? ['host'] : ['name', 'serviceName'];
  return keys.includes(key) && typeof value === 'string' ? (value.split('.')[0] ?? value) : null;
}
