import { dropStuckPods, keepingReplicas } from './apply-workload.ts';
import { applyObjects } from './cluster/apply.ts';
import { marks } from './cluster/kubectl.ts';
import { outlast } from './cluster/outlast.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import { type KubernetesObject, titleOf } from './manifests/index.ts';
import type { Rolling } from './rolling.ts';

/**
 * After a failure, applies what ran before, all workloads of the service and what they need, and takes away those that
 * came with the failed release. Not when the failing release is itself what is being restored, and not when nothing ran
 * before: taking the only pods away helps nobody. What goes wrong is told and hides no failure.
 */
export async function putBack(rollings: readonly Rolling[]): Promise<void> {
  const ran = rollings.find(({ before, release }) => before.snapshot.workload && before.release !== release);
  if (!ran || ran.service.force) return;
  const { target, service, before } = ran;
  const { name } = service.desired;
  try {
    const former = await outlast(target, () => service.former(before.release));
    if (!former) return;
    target.log.info(`${name}: applying again what ran before (${before.release ?? `no ${marks.release}`})`);
    await applyFormer(ran, former);
    await removeNew(rollings, former);
  } catch (error) {
    target.log.warn(`${name}: what ran before could not be applied again: ${(error as Error).message}`);
  }
}

async function applyFormer({ target, service }: Rolling, former: ReleaseObjects): Promise<void> {
  const workloads = (former.services[service.desired.name] ?? []).filter(isServing);
  const objects: KubernetesObject[] = [...former.shared.filter(({ kind }) => kind !== 'Job')];
  for (const one of workloads) objects.push(await keepingReplicas(target, one));
  await outlast(target, () => applyObjects(target.kubectl, objects, { force: true }));
  for (const one of workloads) if (one.kind === 'StatefulSet') await dropStuckPods(target, one);
}

/** Workloads that the former release does not have, and that were not there before. */
async function removeNew(rollings: readonly Rolling[], former: ReleaseObjects): Promise<void> {
  const known = new Set([...former.shared, ...Object.values(former.services).flat()].map(titleOf));
  for (const { target, workload, before } of rollings) {
    const { kind, metadata } = workload;
    if (before.snapshot.workload || !isServing(workload) || known.has(titleOf(workload))) continue;
    const args = ['delete', kind.toLowerCase(), metadata.name, '--ignore-not-found', '--timeout=25s'];
    await target.kubectl.demand(`remove the new ${kind} ${metadata.name}`, args);
  }
}

function isServing({ kind }: KubernetesObject): boolean {
  return kind !== 'Job';
}
