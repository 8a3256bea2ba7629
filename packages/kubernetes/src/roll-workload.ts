import type { ObservedReplica, Prove } from '@slipway/platform';
import { type Applied, applyWorkload, type Failed, fails, isScaledByOthers } from './apply-workload.ts';
import { look } from './cluster/look.ts';
import { liveAutoscalers } from './documents.ts';
import { failureOf } from './failure.ts';
import { autoscaled, type KubernetesObject, titleOf } from './manifests/index.ts';
import { digestOf } from './observe.ts';
import type { Rolling } from './rolling.ts';
import type { PodState } from './snapshot/snapshot.ts';
import { startTimeoutOf } from './target.ts';
import { identity, newPods, serves } from './verdict/judge.ts';
import { awaitRollout, type Waited } from './wait.ts';

export type Ended = { ok: true; replicas: readonly ObservedReplica[] } | Failed;

/** Applies one workload and waits until its pods are proven good, or until it is known why they are not. */
export async function rollWorkload(rolling: Rolling, prove: Prove | undefined): Promise<Ended> {
  const applied = await applyWorkload(rolling);
  return applied.ok ? settle(rolling, applied, prove) : applied;
}

/** The part after the apply: waits for the pods of exactly this apply, and proves image and health. */
export async function settle(rolling: Rolling, applied: Applied, prove?: Prove): Promise<Ended> {
  const { target, service, workload, before, release } = rolling;
  const { name } = workload.metadata;
  if (await isAtZero(rolling)) {
    target.log.warn(`${name} is scaled to zero by its autoscaler: nothing of it runs that could be watched`);
    return provenWell(rolling, prove, []);
  }
  const config = target.services[service.desired.name];
  const watched = {
    uid: applied.uid,
    generation: applied.generation,
    release,
    replicaSet: null,
    failFast: target.config['fail-fast'],
    appliedAt: before.snapshot.at,
    oldBefore: before.old,
  };
  const waited = await awaitRollout(target, {
    workload: { kind: workload.kind, name },
    watched,
    before: before.snapshot.workload,
    startTimeout: startTimeoutOf(target, service.desired.name),
    hold: config?.['stable-for'],
    restored: service.force,
  });
  if (waited.state !== 'steady') return { ok: false, failure: await explain(rolling, waited) };
  const digests = wantedDigests(workload);
  const wrong = identity(waited.snapshot, watched, digests);
  if (wrong.length > 0)
    return fails(
      `${name} is ready, but does not run what was asked for: ${wrong.join('; ')}`,
      'Something else changes this workload, or the registry served another image for the digest.',
    );
  const pods = newPods(waited.snapshot, watched).filter(serves);
  return provenWell(
    rolling,
    prove,
    pods.map((pod) => observed(pod, namesOf(digests, service.desired.image.digest))),
  );
}

/** Without an autoscaler that has it at zero, a workload without pods is one that does not serve. */
async function isAtZero({ target, workload, before }: Rolling): Promise<boolean> {
  if (!isScaledByOthers(workload) || before.snapshot.workload?.wanted !== 0) return false;
  return autoscaled([], await liveAutoscalers(target)).has(titleOf(workload));
}

function namesOf(digests: Readonly<Record<string, string>>, digest: string | null): string[] {
  return Object.keys(digests).filter((name) => digests[name] === digest);
}

/** What the node reports for the container that runs the image of the service. */
function observed(pod: PodState, names: readonly string[]): ObservedReplica {
  const own = pod.containers.find(({ name }) => names.includes(name));
  return { id: pod.uid, digest: own ? digestOf(own) : null };
}

async function provenWell(
  rolling: Rolling,
  prove: Prove | undefined,
  replicas: readonly ObservedReplica[],
): Promise<Ended> {
  const proof = prove ? await prove() : { ok: true as const };
  if (proof.ok) return { ok: true, replicas };
  const { kind, metadata } = rolling.workload;
  const snapshot = await look(rolling.target, { kind, name: metadata.name });
  return { ok: false, failure: await failureOf(rolling, { reason: proof.detail, snapshot }) };
}

async function explain(
  rolling: Rolling,
  waited: Exclude<Waited, { state: 'steady' }>,
): Promise<Failed['failure']> {
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
