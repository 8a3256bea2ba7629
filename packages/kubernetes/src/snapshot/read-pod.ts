import { readImage } from '@slipway/kernel';
import * as z from 'zod';
import { marks } from '../marks.ts';
import { parseAnswer } from './read-answer.ts';
import type { Condition, ContainerState, PodState } from './snapshot.ts';

const terminatedSchema = z.object({
  reason: z.string().nullish(),
  message: z.string().nullish(),
  exitCode: z.number().nullish(),
  signal: z.number().nullish(),
});
const waitingSchema = z.object({ reason: z.string().nullish(), message: z.string().nullish() });
const containerSchema = z.object({
  name: z.string(),
  image: z.string().nullish(),
  imageID: z.string().nullish(),
  ready: z.boolean().nullish(),
  restartCount: z.number().nullish(),
  state: z
    .object({
      waiting: waitingSchema.nullish(),
      running: z.object({}).nullish(),
      terminated: terminatedSchema.nullish(),
    })
    .nullish(),
  lastState: z.object({ terminated: terminatedSchema.nullish() }).nullish(),
});

/** Conditions of any object. */
export const conditionsSchema = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      lastTransitionTime: z.string().nullish(),
    }),
  )
  .nullish();

const schema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    finalizers: z.array(z.string()).nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
    ownerReferences: z.array(z.object({ uid: z.string(), controller: z.boolean().nullish() })).nullish(),
  }),
  spec: z.object({
    nodeName: z.string().nullish(),
    containers: z.array(z.object({ name: z.string(), image: z.string().nullish() })),
    initContainers: z.array(z.object({ name: z.string(), image: z.string().nullish() })).nullish(),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      reason: z.string().nullish(),
      conditions: conditionsSchema,
      containerStatuses: z.array(containerSchema).nullish(),
      initContainerStatuses: z.array(containerSchema).nullish(),
    })
    .nullish(),
});

const claimsSchema = z.object({
  spec: z.object({
    volumes: z
      .array(z.object({ persistentVolumeClaim: z.object({ claimName: z.string() }).nullish() }))
      .nullish(),
  }),
});

/** @throws Fault when it cannot be read. */
export function readPod(value: unknown): PodState {
  const { metadata, spec, status } = parseAnswer(schema, value, 'pod');
  const conditions = readConditions(status?.conditions);
  const ready = status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
  const labels = metadata.labels ?? {};
  return {
    name: metadata.name,
    uid: metadata.uid,
    owner: metadata.ownerReferences?.find(({ controller }) => controller !== false)?.uid ?? null,
    release: metadata.annotations?.[marks.release] || null,
    labels,
    revisionHash: labels['controller-revision-hash'] ?? labels['pod-template-hash'] ?? null,
    node: spec.nodeName ?? null,
    phase: status?.phase ?? '',
    reason: status?.reason ?? '',
    deleting: Boolean(metadata.deletionTimestamp),
    goneBy: metadata.deletionTimestamp ?? null,
    finalizers: metadata.finalizers ?? [],
    createdAt: metadata.creationTimestamp ?? '',
    ready: ready !== undefined,
    readySince: ready?.lastTransitionTime ?? null,
    conditions,
    containers: readContainers(spec.containers, status?.containerStatuses),
    initContainers: readContainers(spec.initContainers, status?.initContainerStatuses),
  };
}

/** Names of the claims that a pod mounts. */
export function claimsOf(value: unknown): string[] {
  const { spec } = parseAnswer(claimsSchema, value, 'pod');
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []));
}

/** Conditions of any object; empty when it has none. */
export function readConditions(raw: z.infer<typeof conditionsSchema>): Condition[] {
  return (raw ?? []).map(({ type, status, reason, message }) => ({
    type,
    status,
    reason: reason ?? '',
    message: message ?? '',
  }));
}

/** Every container of the specification; one that the node has not reported yet has an unknown state. */
function readContainers(
  specs: readonly { name: string; image?: string | null | undefined }[] | null | undefined,
  statuses: readonly z.infer<typeof containerSchema>[] | null | undefined,
): ContainerState[] {
  return (specs ?? []).map(({ name, image }) => {
    const status = statuses?.find((one) => one.name === name);
    const { waiting: waits, terminated } = status?.state ?? {};
    // Docker Engine prefixes it: `docker-pullable://`.
    const imageId = (status?.imageID ?? '').replace(/^[a-z-]+:\/\//, '');
    return {
      name,
      image: image ?? status?.image ?? '',
      imageId,
      digest: readImage(imageId)?.digest ?? null,
      ready: status?.ready ?? false,
      restarts: status?.restartCount ?? 0,
      state: stateOf(status?.state),
      reason: waits?.reason ?? terminated?.reason ?? '',
      message: waits?.message ?? terminated?.message ?? '',
      exitCode: terminated?.exitCode ?? null,
      signal: terminated?.signal ?? null,
      last: readTermination(status?.lastState?.terminated),
    };
  });
}

function stateOf(state: z.infer<typeof containerSchema>['state']): ContainerState['state'] {
  if (state?.running) return 'running';
  if (state?.terminated) return 'terminated';
  return state?.waiting ? 'waiting' : 'unknown';
}

function readTermination(raw: z.infer<typeof terminatedSchema> | null | undefined): ContainerState['last'] {
  if (!raw) return null;
  const { reason, message, exitCode, signal } = raw;
  return { reason: reason ?? '', message: message ?? '', exitCode: exitCode ?? null, signal: signal ?? null };
}
