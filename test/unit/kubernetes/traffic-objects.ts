import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import {
  deferredTraffic,
  type TrafficPod,
} from '../../../packages/kubernetes/src/traffic/deferred-traffic.ts';
import { trafficChanges } from '../../../packages/kubernetes/src/traffic/traffic-changes.ts';

type Labels = Record<string, string>;

/** A Service of the unit tests; what they do not care about is left out. */
export function service(name: string, selector: Labels, ports: object[] = []): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports } };
}

/** A Deployment, by the labels of its pods. */
export function deployment(name: string, labels: Labels, release = 'r2'): KubernetesObject {
  const template = { metadata: { labels, annotations: { 'slipway.dev/release': release } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template } };
}

/** An Ingress with a path for each backend. */
export function ingress(...backends: string[]): KubernetesObject {
  const paths = backends.map((name) => ({ path: `/${name}`, backend: { service: { name } } }));
  const spec = { rules: [{ host: 'shop.example.com', http: { paths } }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web' }, spec };
}

/** Pods that are alike. */
export const pods = (count: number, labels: Labels, ready = true, release = 'r1'): TrafficPod[] =>
  Array.from({ length: count }, () => ({ labels, ready, release }));

/** What waits, as `Service/web: Deployment/web`. */
export function deferred(
  objects: KubernetesObject[],
  live: KubernetesObject[],
  running: TrafficPod[],
  workloads: KubernetesObject[],
  others: KubernetesObject[] = [],
  later: string[] = [],
): string[] {
  return deferredTraffic(trafficChanges(objects, { live, others }), { workloads, later }, running).map(
    ({ object, leadsTo }) => `${object.kind}/${object.metadata.name}: ${[...leadsTo].join(', ')}`,
  );
}
