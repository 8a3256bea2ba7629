import { UserError } from '@slipway/kernel';
import type { KubernetesObject } from '../manifests/index.ts';
import { clusterError } from './cluster-error.ts';
import { type Kubectl, serverSideApply } from './kubectl.ts';
import { printedObjects } from './printed-objects.ts';
import { type Refusal, readRefusal } from './refusal.ts';

export interface ApplyOptions {
  /** Asks the API server what would come of it; nothing is changed. */
  dryRun?: boolean;
  /** Takes fields over from other managers. */
  force?: boolean;
}

/**
 * Whose fields are taken over without asking: `kubectl apply` as everybody ran it before Slipway, from the very same
 * manifests. (kubectl itself hands them over only to a manager that is called `kubectl`.)
 */
const predecessors: ReadonlySet<string> = new Set(['kubectl-client-side-apply', 'before-first-apply']);

/**
 * Server-side apply of the objects, in the order given. Returns them as the cluster now has them, defaults filled in.
 * @throws UserError for all that the cluster refuses (conflict, immutable field, admission, invalid), naming object and
 * field; ClusterUnreachable when it cannot be asked.
 */
export async function applyObjects(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  options: ApplyOptions = {},
): Promise<KubernetesObject[]> {
  if (objects.length === 0) return [];
  const ended = await run(kubectl, objects, options);
  if (ended.ok) return printedObjects(ended.stdout.data) as KubernetesObject[];
  if (!readRefusal(ended.stderr.data)) throw clusterError('apply the manifests', ended);
  const refusals = await refusalsOf(kubectl, objects, options);
  if (!options.force && refusals.length > 0 && refusals.every(isInherited))
    return applyObjects(kubectl, objects, { ...options, force: true });
  if (refusals.length === 0) throw clusterError('apply the manifests', ended);
  throw new UserError(refusals.map(({ what }) => what).join('\n'), {
    hint: [...new Set(refusals.map(({ remedy }) => remedy))].join('\n'),
  });
}

function isInherited({ managers }: Refusal): boolean {
  return managers.length > 0 && managers.every((one) => predecessors.has(one));
}

function run(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { dryRun, force }: ApplyOptions,
): ReturnType<Kubectl['run']> {
  const args = [...serverSideApply, '--output=json'];
  const flags = [...(dryRun ? ['--dry-run=server'] : []), ...(force ? ['--force-conflicts'] : [])];
  return kubectl.run([...args, ...flags], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** kubectl does not say which object a conflict is about, so each is asked for alone, without changing anything. */
async function refusalsOf(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  options: ApplyOptions,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const object of objects) {
    const ended = await run(kubectl, [object], { ...options, dryRun: true });
    const refusal = ended.ok ? null : readRefusal(ended.stderr.data);
    if (!refusal) continue;
    const title = `${object.kind} ${object.metadata.name}`;
    refusals.push({
      ...refusal,
      what: String(
        ended.stderr.part(refusal.what.startsWith(title) ? refusal.what : `${title}: ${refusal.what}`),
      ),
    });
  }
  return refusals;
}
