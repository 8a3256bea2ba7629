import { Fault, UserError } from '@slipway/kernel';
import type { DesiredService, Prove, RolledOut, RolloutFailure } from '../platform.ts';
import { type Before, observeBefore, oldServing } from './before.ts';
import { applyObjects } from './cluster/apply.ts';
import { ClusterUnreachable } from './cluster/cluster-error.ts';
import { marks } from './cluster/kubectl.ts';
import { look } from './cluster/look.ts';
import { failureOf } from './failure.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import { type KubernetesObject, titleOf } from './manifests/index.ts';
import type { KubernetesTarget } from './target.ts';
import { identity } from './verdict/judge.ts';
import { awaitRollout, type Waited } from './wait.ts';

/** What is to be applied for one service, and what puts it back. */
export interface ServiceObjects {
  desired: DesiredService;
  objects: ReleaseObjects;
  /** Of the release that runs now; null when none was kept, or when it is this very one. */
  former: (release: string | null) => Promise<ReleaseObjects | null>;
  /** A restored release takes back whatever it owned; a new one asks first. */
  force: boolean;
}

/** One workload on its way. */
export interface Rolling {
  target: KubernetesTarget;
  service: ServiceObjects;
  workload: KubernetesObject;
  before: Before;
}

type Ended =
  | { ok: true; replicas: number }
  | { ok: false; failure: Omit<RolloutFailure, 'ms' | 'oldServing'> };

/**
 * Applies what the release needs and then each workload of the service, waits for the pods of exactly this apply, and
 * proves image and health. On failure the release that ran before is applied again: with old pods still serving,
 * that takes nothing but the new pods away.
 */
export async function rollService(
  target: KubernetesTarget,
  service: ServiceObjects,
  prove: Prove,
): Promise<RolledOut | RolloutFailure> {
  const start = target.clock.monotonic();
  const elapsed = (): number => target.clock.monotonic() - start;
  const workloads = service.objects.services[service.desired.name] ?? [];
  if (workloads.length === 0)
    throw new Fault(`nothing that was kept for the release runs service ${service.desired.name}`);
  const force = service.force || target.config['force-conflicts'];
  const [rollings] = await Promise.all([
    observeAll(target, service, workloads),
    applyObjects(target.kubectl, service.objects.shared, { force }),
  ]);
  let replicas = 0;
  for (const rolling of rollings) {
    const ended = await rollWorkload(rolling, rolling === rollings.at(-1) ? prove : undefined);
    if (!ended.ok) {
      await putBack(rolling);
      return { ...ended.failure, oldServing: await oldServing(rollings), ms: elapsed() };
    }
    replicas += ended.replicas;
  }
  const changed = rollings.some(
    ({ before }) => before.release !== service.desired.release || before.snapshot.workload === null,
  );
  return { outcome: changed ? 'passed' : 'skipped', replicas, ms: elapsed() };
}

function observeAll(
  target: KubernetesTarget,
  service: ServiceObjects,
  workloads: readonly KubernetesObject[],
): Promise<Rolling[]> {
  const { release } = service.desired;
  return Promise.all(
    workloads.map(async (workload) => {
      const before = await observeBefore(target, workload, release);
      return { target, service, workload, before };
    }),
  );
}

async function rollWorkload(rolling: Rolling, prove: Prove | undefined): Promise<Ended> {
  const { target, service, workload, before } = rolling;
  const { desired, force } = service;
  const applied = await applyWorkload(rolling);
  if (!applied.ok) return applied;
  const { name } = workload.metadata;
  const config = target.services[desired.name];
  const watched = {
    uid: applied.uid,
    generation: applied.generation,
    release: desired.release,
    replicaSet: null,
    failFast: target.config['fail-fast'],
    appliedAt: before.snapshot.at,
    oldBefore: before.old,
  };
  const waited = await awaitRollout(target, {
    workload: { kind: workload.kind, name },
    watched,
    startTimeout: config?.['start-timeout'] ?? 60_000,
    hold: config?.['stable-for'],
    restored: force,
  });
  if (waited.state !== 'steady') return { ok: false, failure: await explain(rolling, waited) };
  const wrong = identity(waited.snapshot, watched, wantedDigests(workload));
  if (wrong.length > 0)
    return fails(
      `${name} is ready, but does not run what was asked for: ${wrong.join('; ')}`,
      'Something else changes this workload, or the registry served another image for the digest.',
    );
  const proof = prove ? await prove() : { ok: true as const };
  if (proof.ok) return { ok: true, replicas: waited.snapshot.workload?.ready ?? 0 };
  const now = await look(target, { kind: workload.kind, name });
  return { ok: false, failure: await failureOf(rolling, { reason: proof.detail, snapshot: now }) };
}

/** A refused apply changed nothing, so it is a failure like any other and not an error. */
async function applyWorkload(
  rolling: Rolling,
): Promise<{ ok: true; uid: string; generation: number } | Extract<Ended, { ok: false }>> {
  const { target, service, workload, before } = rolling;
  if (workload.kind === 'Job') await clearJob(rolling);
  try {
    const [applied] = await applyObjects(target.kubectl, [keepingReplicas(workload, before)], {
      force: service.force || target.config['force-conflicts'],
    });
    const { uid, generation } = (applied?.metadata ?? {}) as { uid?: unknown; generation?: unknown };
    if (typeof uid === 'string') return { ok: true, uid, generation: Number(generation ?? 1) };
    throw new Fault(`the cluster did not answer what it made of ${workload.kind} ${workload.metadata.name}`);
  } catch (error) {
    if (error instanceof UserError) return fails(error.message, error.hint ?? '');
    if (!(error instanceof ClusterUnreachable)) throw error;
    const what = before.snapshot.workload ? 'as it was, or as it should be' : 'perhaps there, perhaps not';
    const reason = `${error.message}; ${workload.kind} ${workload.metadata.name} is ${what}`;
    return { ok: false, failure: { outcome: 'inconclusive', reason, hint: error.hint, details: [] } };
  }
}

/**
 * A workload without `spec.replicas` is scaled by somebody else: it is applied with as many as there are, since a field
 * that Slipway owned once and leaves out would be set to its default, one.
 */
function keepingReplicas(workload: KubernetesObject, { snapshot }: Before): KubernetesObject {
  const spec = workload.spec as { replicas?: number } | undefined;
  const scalable = workload.kind === 'Deployment' || workload.kind === 'StatefulSet';
  if (!scalable || spec?.replicas !== undefined || !snapshot.workload) return workload;
  return { ...workload, spec: { ...spec, replicas: snapshot.workload.wanted } };
}

/** The pod template of a Job cannot be changed, so a Job of another release makes room for ours. */
async function clearJob({ target, workload, before, service }: Rolling): Promise<void> {
  if (!before.snapshot.workload || before.release === service.desired.release) return;
  const { name } = workload.metadata;
  await target.kubectl.demand(`remove the former Job ${name}`, [
    'delete',
    'job',
    name,
    '--cascade=foreground',
    '--timeout=25s',
  ]);
}

function fails(reason: string, hint: string): Extract<Ended, { ok: false }> {
  return { ok: false, failure: { outcome: 'failed', reason, hint, details: [] } };
}

async function explain(
  rolling: Rolling,
  waited: Exclude<Waited, { state: 'steady' }>,
): Promise<Omit<RolloutFailure, 'ms' | 'oldServing'>> {
  if (waited.state === 'failed') return failureOf(rolling, waited);
  return {
    outcome: 'inconclusive',
    reason: `cannot see the cluster: ${waited.why}`,
    hint: 'The rollout itself may be fine. Look at the cluster once it answers, then run this job again.',
    details: [],
  };
}

/** Digests that the pods must run, by container. */
function wantedDigests(workload: KubernetesObject): Record<string, string> {
  const template = (workload as { spec?: { template?: { spec?: PodSpec } } }).spec?.template?.spec;
  const containers = [...(template?.containers ?? []), ...(template?.initContainers ?? [])];
  return Object.fromEntries(
    containers.flatMap(({ name, image }) => {
      const digest = image?.split('@')[1];
      return digest ? [[name, digest]] : [];
    }),
  );
}

interface PodSpec {
  containers?: { name: string; image?: string }[];
  initContainers?: { name: string; image?: string }[];
}

/**
 * Applies what ran before. Not when the failing release is itself what is being restored, and not when nothing ran
 * before: taking the only pods away helps nobody.
 */
async function putBack({ target, service, workload, before }: Rolling): Promise<void> {
  const { desired } = service;
  if (!before.snapshot.workload || before.release === desired.release || service.force) return;
  const former = await service.former(before.release);
  if (!former) return;
  target.log.info(
    `${desired.name}: applying again what ran before (${before.release ?? `no ${marks.release}`})`,
  );
  const workloads = (former.services[desired.name] ?? []).filter(({ kind }) => kind !== 'Job');
  const objects = [
    ...former.shared,
    ...workloads.map((one) => (titleOf(one) === titleOf(workload) ? keepingReplicas(one, before) : one)),
  ];
  await applyObjects(target.kubectl, objects, { force: true }).catch((error: Error) => {
    target.log.warn(`what ran before could not be applied again: ${error.message}`);
  });
}
