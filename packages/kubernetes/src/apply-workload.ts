import { Fault, UserError } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import { applyObjects } from './cluster/apply.ts';
import { ClusterUnreachable } from './cluster/cluster-error.ts';
import { look } from './cluster/look.ts';
import { outlast } from './cluster/outlast.ts';
import { type KubernetesObject, releaseOf } from './manifests/index.ts';
import type { Rolling } from './rolling.ts';
import type { KubernetesTarget } from './target.ts';

/** The object that an apply made or changed, told apart from any other of its name. */
export interface Applied {
  ok: true;
  uid: string;
  generation: number;
}

/** How one workload failed; what is true of the whole service is not known yet. */
export interface Failed {
  ok: false;
  failure: Omit<RolloutFailure, 'ok' | 'ms' | 'oldServing'>;
}

export function fails(reason: string, hint: string): Failed {
  return { ok: false, failure: { outcome: 'failed', reason, hint, details: [] } };
}

/** A refused apply changed nothing, so it is a failure like any other and not an error. */
export async function applyWorkload(rolling: Rolling): Promise<Applied | Failed> {
  const { target, service, workload, before } = rolling;
  const title = `${workload.kind} ${workload.metadata.name}`;
  try {
    if (workload.kind === 'Job') await clearJob(rolling);
    const force = service.force || target.config['force-conflicts'];
    const applied = await outlast(target, async () =>
      applyObjects(target.kubectl, [await keepingReplicas(target, workload)], { force }),
    );
    if (workload.kind === 'StatefulSet') await dropStuckPods(target, workload);
    return readApplied(applied[0], title);
  } catch (error) {
    if (error instanceof UserError) return fails(error.message, error.hint ?? '');
    if (!(error instanceof ClusterUnreachable)) throw error;
    const what = before.snapshot.workload ? 'as it was, or as it should be' : 'perhaps there, perhaps not';
    const reason = `${error.message}; ${title} is ${what}`;
    return { ok: false, failure: { outcome: 'inconclusive', reason, hint: error.hint, details: [] } };
  }
}

/** @throws Fault when the answer does not say what was made. */
export function readApplied(applied: KubernetesObject | undefined, title: string): Applied {
  const { uid, generation } = (applied?.metadata ?? {}) as { uid?: unknown; generation?: unknown };
  if (typeof uid === 'string') return { ok: true, uid, generation: Number(generation ?? 1) };
  throw new Fault(`the cluster did not answer what it made of ${title}`);
}

/** Whether the manifest leaves the number of its replicas to somebody else. */
export function isScaledByOthers({ kind, spec }: KubernetesObject): boolean {
  const scalable = kind === 'Deployment' || kind === 'StatefulSet';
  return scalable && (spec as { replicas?: number } | undefined)?.replicas === undefined;
}

/**
 * A workload without `spec.replicas` is scaled by somebody else: it is applied with as many as there are at this
 * moment, since a field that Slipway owned once and leaves out would be set to its default, one.
 */
export async function keepingReplicas(
  target: KubernetesTarget,
  workload: KubernetesObject,
): Promise<KubernetesObject> {
  if (!isScaledByOthers(workload)) return workload;
  const { kind, metadata } = workload;
  const { workload: live } = await look(target, { kind, name: metadata.name });
  return live ? scaledTo(workload, live.wanted) : workload;
}

export function scaledTo(workload: KubernetesObject, replicas: number): KubernetesObject {
  return { ...workload, spec: { ...(workload.spec as object), replicas } };
}

/** Seconds that a Job's pods may take to end, beyond their own grace. */
const endingMargin = 20;

/**
 * The pod template of a Job cannot be changed, so a Job of another release makes room for ours, and so does one of this
 * very release that failed: it would never be tried again.
 */
async function clearJob({ target, workload, before, release }: Rolling): Promise<void> {
  const there = before.snapshot.workload;
  if (!there || release === null) return;
  const hasFailed = there.conditions.some(({ type, status }) => type === 'Failed' && status === 'True');
  if (before.release === release && !hasFailed) return;
  const { name } = workload.metadata;
  const seconds = there.template.terminationGraceSeconds + endingMargin;
  const args = ['delete', 'job', name, '--cascade=foreground', `--timeout=${seconds}s`];
  await target.kubectl.demand(`remove the former Job ${name}`, args, undefined, seconds);
}

/**
 * Deletes pods of another release that are not ready: a StatefulSet waits for each of its pods and never replaces a
 * broken one, so that neither a mended release nor the former one would ever come up (kubernetes/kubernetes#67250).
 */
export async function dropStuckPods(target: KubernetesTarget, workload: KubernetesObject): Promise<void> {
  const { kind, metadata } = workload;
  const { pods } = await look(target, { kind, name: metadata.name });
  const wanted = releaseOf(workload);
  const stuck = pods.filter(({ ready, deleting, release }) => !ready && !deleting && release !== wanted);
  for (const { name } of stuck) {
    target.log.info(`deleting pod ${name}, for which ${kind} ${metadata.name} would wait for ever`);
    const args = ['delete', 'pod', name, '--ignore-not-found', '--wait=false'];
    await target.kubectl.demand(`delete the broken pod ${name}`, args);
  }
}
