import { stringify } from 'yaml';

/** What a test changes in the plain Deployment: merged by hand into the one container or the pod. */
export interface Shape {
  replicas?: number;
  env?: Record<string, unknown>[];
  container?: Record<string, unknown>;
  pod?: Record<string, unknown>;
  spec?: Record<string, unknown>;
  /** A second container. */
  sidecar?: Record<string, unknown>;
}

/** A Deployment of the test app that loses no request when it is replaced. */
export function deployment(image: string, shape: Shape = {}): string {
  return workload('Deployment', image, shape, {
    replicas: shape.replicas ?? 2,
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
}

export function statefulSet(image: string, shape: Shape = {}): string {
  return workload('StatefulSet', image, shape, { replicas: shape.replicas ?? 2, serviceName: 'web' });
}

export function daemonSet(image: string, shape: Shape = {}): string {
  return workload('DaemonSet', image, shape, {});
}

function workload(kind: string, image: string, shape: Shape, spec: Record<string, unknown>): string {
  const container = {
    name: 'web',
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ containerPort: 8080, protocol: 'TCP' }],
    env: shape.env ?? [],
    // Starting a program takes seconds on a busy machine, in which no other probe may count.
    startupProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
    livenessProbe: { httpGet: { path: '/live', port: 8080 }, periodSeconds: 2, failureThreshold: 2 },
    lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
    ...shape.container,
  };
  return stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      ...spec,
      ...shape.spec,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 10,
          ...shape.pod,
          containers: [container, ...(shape.sidecar ? [shape.sidecar] : [])],
        },
      },
    },
  });
}

/** What runs once, with the image of the service, before the service is rolled out. */
export function job(image: string, command: readonly string[]): string {
  const container = { name: 'prepare', image, command };
  return stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'prepare' },
    spec: {
      backoffLimit: 0,
      template: {
        spec: { automountServiceAccountToken: false, restartPolicy: 'Never', containers: [container] },
      },
    },
  });
}

export const service = stringify({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: {
    type: 'NodePort',
    selector: { app: 'web' },
    ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
  },
});
