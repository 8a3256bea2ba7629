import { Fault } from '@slipway/kernel';
import * as z from 'zod';
import { marks } from '../marks.ts';
import { parseAnswer } from './read-answer.ts';
import { conditionsSchema, readConditions } from './read-pod.ts';
import { readTemplate, templateSchema } from './read-template.ts';
import type { ReplicaSetState, WorkloadKind, WorkloadState } from './snapshot.ts';

const count = z.number().nullish();
const percentOrCount = z.union([z.string(), z.number()]).nullish();
const rolling = z
  .object({ maxSurge: percentOrCount, maxUnavailable: percentOrCount, partition: count })
  .nullish();
const strategy = z.object({ type: z.string().nullish(), rollingUpdate: rolling }).nullish();

/** Fields of the four kinds side by side; each kind has some of them. */
const schema = z.object({
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    uid: z.string(),
    generation: count,
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.object({
    paused: z.boolean().nullish(),
    suspend: z.boolean().nullish(),
    replicas: count,
    completions: count,
    parallelism: count,
    activeDeadlineSeconds: count,
    minReadySeconds: count,
    strategy,
    updateStrategy: strategy,
    template: templateSchema,
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      currentNumberScheduled: count,
      updatedNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
      updateRevision: z.string().nullish(),
      active: count,
      ready: count,
      succeeded: count,
      failed: count,
      startTime: z.string().nullish(),
      conditions: conditionsSchema,
    })
    .nullish(),
});
type Raw = z.infer<typeof schema>;
type Counts = Pick<WorkloadState, 'wanted' | 'updated' | 'ready' | 'available' | 'total'>;

const replicaSetSchema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.object({ replicas: count, template: templateSchema }),
  status: z.object({ readyReplicas: count, conditions: conditionsSchema }).nullish(),
});

export const revisionSchema = z.object({
  revision: z.number(),
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
});

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** The counts of each kind. A missing field is zero: the API leaves zeros out. */
const counts: Record<WorkloadKind, (raw: Raw) => Counts> = {
  Deployment: ({ spec, status }) => ({ wanted: spec.replicas ?? 1, ...replicas(status) }),
  StatefulSet: ({ spec, status }) => ({
    wanted: spec.replicas ?? 1,
    ...replicas(status),
    // Servers before 1.22 do not count the available ones.
    available: status?.availableReplicas ?? status?.readyReplicas ?? 0,
  }),
  DaemonSet: ({ status }) => ({
    wanted: status?.desiredNumberScheduled ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    available: status?.numberAvailable ?? 0,
    total: status?.currentNumberScheduled ?? 0,
  }),
  Job: ({ spec, status }) => ({
    wanted: spec.completions ?? (spec.parallelism === 0 ? 0 : 1),
    updated: (status?.active ?? 0) + (status?.succeeded ?? 0),
    ready: status?.ready ?? 0,
    available: status?.ready ?? 0,
    total: status?.active ?? 0,
  }),
};

/** @throws Fault when it cannot be read. */
export function readWorkload(value: unknown): WorkloadState {
  const raw = parseAnswer(schema, value, 'workload');
  const { kind, metadata, spec, status } = raw;
  const roll = spec.strategy ?? spec.updateStrategy;
  const generation = metadata.generation ?? 1;
  return {
    kind,
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    generation,
    // A Job does not report it: its template cannot change, so its status always belongs to its only generation.
    observedGeneration: status?.observedGeneration ?? (kind === 'Job' ? generation : 0),
    paused: spec.paused ?? spec.suspend ?? false,
    ...counts[kind](raw),
    maxSurge: asText(roll?.rollingUpdate?.maxSurge),
    maxUnavailable: asText(roll?.rollingUpdate?.maxUnavailable),
    minReadySeconds: spec.minReadySeconds ?? 0,
    partition: roll?.rollingUpdate?.partition ?? 0,
    onDelete: roll?.type === 'OnDelete',
    conditions: readConditions(status?.conditions),
    deleting: Boolean(metadata.deletionTimestamp),
    release: releaseOf(spec.template),
    revision:
      (kind === 'Deployment' ? metadata.annotations?.[revisionAnnotation] : status?.updateRevision) ?? null,
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    startedAt: status?.startTime ?? metadata.creationTimestamp ?? '',
    activeDeadlineSeconds: spec.activeDeadlineSeconds ?? null,
    template: readTemplate(spec.template),
  };
}

/** @throws Fault when it cannot be read. */
export function readReplicaSet(value: unknown): ReplicaSetState {
  const { metadata, spec, status } = parseAnswer(replicaSetSchema, value, 'ReplicaSet');
  if (metadata.uid === '') throw new Fault(`ReplicaSet ${metadata.name} has no uid`);
  return {
    name: metadata.name,
    uid: metadata.uid,
    revision: metadata.annotations?.[revisionAnnotation] ?? null,
    release: releaseOf(spec.template),
    wanted: spec.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    conditions: readConditions(status?.conditions),
    template: readTemplate(spec.template),
  };
}

function replicas(status: Raw['status']): Omit<Counts, 'wanted'> {
  return {
    updated: status?.updatedReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    total: status?.replicas ?? 0,
  };
}

function releaseOf(template: z.infer<typeof templateSchema>): string | null {
  return template.metadata?.annotations?.[marks.release] || null;
}

function asText(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
