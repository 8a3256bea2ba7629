import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ContainerSpec, PodTemplate, Probe } from './snapshot.ts';

const port = z.union([z.number(), z.string()]).nullish();
const probeSchema = z
  .object({
    httpGet: z.object({ path: z.string().nullish(), port, scheme: z.string().nullish() }).nullish(),
    tcpSocket: z.object({ port }).nullish(),
    grpc: z.object({ port, service: z.string().nullish() }).nullish(),
    exec: z.object({ command: z.array(z.string()).nullish() }).nullish(),
    initialDelaySeconds: z.number().nullish(),
    periodSeconds: z.number().nullish(),
    failureThreshold: z.number().nullish(),
  })
  .nullish();

const keyOf = z.object({ name: z.string().nullish(), key: z.string().nullish() }).nullish();
const variableSchema = z.object({
  name: z.string(),
  value: z.string().nullish(),
  valueFrom: z
    .object({
      secretKeyRef: keyOf,
      configMapKeyRef: keyOf,
      fieldRef: z.object({ fieldPath: z.string().nullish() }).nullish(),
      resourceFieldRef: z.object({ resource: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();
const containerSchema = z.object({
  name: z.string(),
  image: z.string().nullish(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(variableSchema).nullish(),
  envFrom: z
    .array(z.object({ prefix: z.string().nullish(), secretRef: keyOf, configMapRef: keyOf }))
    .nullish(),
  resources: z.object({ limits: quantities, requests: quantities }).nullish(),
  readinessProbe: probeSchema,
  livenessProbe: probeSchema,
  startupProbe: probeSchema,
});

/** The part of a pod template that is read. */
export const templateSchema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
  spec: z.object({
    containers: z.array(containerSchema),
    initContainers: z.array(containerSchema).nullish(),
    serviceAccountName: z.string().nullish(),
    imagePullSecrets: z.array(z.object({ name: z.string().nullish() })).nullish(),
    terminationGracePeriodSeconds: z.number().nullish(),
    nodeSelector: z.record(z.string(), z.string()).nullish(),
    readinessGates: z.array(z.object({ conditionType: z.string() })).nullish(),
  }),
});

/** The template without any text of a literal variable. */
export function readTemplate({ spec }: z.infer<typeof templateSchema>): PodTemplate {
  return {
    containers: spec.containers.map(readContainer),
    initContainers: (spec.initContainers ?? []).map(readContainer),
    serviceAccount: spec.serviceAccountName ?? null,
    pullSecrets: (spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : [])),
    // Defaults of the API: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
    terminationGraceSeconds: spec.terminationGracePeriodSeconds ?? 30,
    nodeSelector: spec.nodeSelector ?? {},
    readinessGates: (spec.readinessGates ?? []).map(({ conditionType }) => conditionType),
  };
}

function readContainer(raw: z.infer<typeof containerSchema>): ContainerSpec {
  const probes = { readiness: raw.readinessProbe, liveness: raw.livenessProbe, startup: raw.startupProbe };
  return {
    name: raw.name,
    image: raw.image ?? '',
    command: [...(raw.command ?? []), ...(raw.args ?? [])],
    env: Object.fromEntries([
      ...(raw.env ?? []).map((variable) => [variable.name, sourceOf(variable)] as const),
      ...(raw.envFrom ?? []).map(({ prefix, secretRef, configMapRef }) => {
        const source = secretRef ? `secret ${secretRef.name}` : `configmap ${configMapRef?.name}`;
        return [`${prefix ?? ''}* of ${source}`, `${source}/*`] as const;
      }),
    ]),
    limits: readQuantities(raw.resources?.limits),
    requests: readQuantities(raw.resources?.requests),
    probes: Object.fromEntries(
      Object.entries(probes).flatMap(([kind, probe]) => (probe ? [[kind, readProbe(probe)]] : [])),
    ),
  };
}

/** Where the value comes from. A literal may be a secret, so only a hash of it is retained, to see that it changed. */
function sourceOf({ value, valueFrom }: z.infer<typeof variableSchema>): string {
  if (valueFrom?.secretKeyRef) return `secret ${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`;
  if (valueFrom?.configMapKeyRef)
    return `configmap ${valueFrom.configMapKeyRef.name}/${valueFrom.configMapKeyRef.key}`;
  if (valueFrom?.fieldRef) return `field ${valueFrom.fieldRef.fieldPath}`;
  if (valueFrom?.resourceFieldRef) return `field ${valueFrom.resourceFieldRef.resource}`;
  return createHash('sha256')
    .update(value ?? '')
    .digest('hex')
    .slice(0, 12);
}

function readQuantities(raw: z.infer<typeof quantities>): Record<string, string> {
  return Object.fromEntries(Object.entries(raw ?? {}).map(([name, amount]) => [name, String(amount)]));
}

function readProbe(raw: NonNullable<z.infer<typeof probeSchema>>): Probe {
  return {
    does: doesOf(raw),
    initialDelaySeconds: raw.initialDelaySeconds ?? 0,
    periodSeconds: raw.periodSeconds ?? 10,
    failureThreshold: raw.failureThreshold ?? 3,
  };
}

function doesOf({ httpGet, tcpSocket, grpc, exec }: NonNullable<z.infer<typeof probeSchema>>): string {
  if (httpGet) return `GET ${httpGet.path ?? '/'} on port ${httpGet.port}`;
  if (tcpSocket) return `TCP port ${tcpSocket.port}`;
  if (grpc) return `gRPC health on port ${grpc.port}`;
  return `command ${exec?.command?.[0] ?? ''}`.trim();
}
