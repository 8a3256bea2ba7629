import { Cancelled, describeError, type Log, UserError } from '@slipway/kernel';
import { type KubernetesObject, titleOf } from '../manifests/index.ts';
import { clusterError } from './cluster-error.ts';
import { type Kubectl, serverSideApply } from './kubectl.ts';
import { parsePrintedObjects } from './printed-objects.ts';
import { type Refusal, readRefusal } from './refusal.ts';

export interface ApplyOptions {
  /** Asks the API server for the outcome; nothing is changed. */
  dryRun?: boolean;
  /** Takes over fields from other managers. */
  force?: boolean;
}

/** Others own fields that an apply would change, and nothing else keeps it from being applied. */
export class FieldConflict extends UserError {
  /** As `spec.replicas`. */
  readonly fields: readonly string[];

  constructor(message: string, hint: string, fields: readonly string[]) {
    super(message, { hint });
    this.fields = fields;
  }
}

/**
 * Managers whose fields are taken over without asking: `kubectl apply` as it was run before Slipway, from the same
 * manifests. (kubectl gives them up only to a manager that is called `kubectl`.)
 */
const predecessors: ReadonlySet<string> = new Set(['kubectl-client-side-apply', 'before-first-apply']);

/**
 * Server-side apply of the objects, in the given order. Returns them as the cluster stores them, with its defaults.
 * @throws UserError for whatever the cluster refuses (immutable field, admission, invalid), with object and field;
 * FieldConflict; ClusterUnreachable when it cannot be reached.
 */
export async function applyObjects(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  options: ApplyOptions = {},
): Promise<KubernetesObject[]> {
  if (objects.length === 0) return [];
  const result = await runApply(kubectl, objects, options);
  if (result.ok) return parsePrintedObjects(result.stdout.data);
  const refused = readRefusal(result.stderr.data);
  if (!refused) throw clusterError('apply the manifests', result);
  const refusals = (await readRefusals(kubectl, objects, options)).map(({ refusal }) => refusal);
  if (!options.force && refusals.length > 0 && refusals.every(isInherited))
    return applyObjects(kubectl, objects, { ...options, force: true });
  if (refusals.length > 0) throw refusalError(refusals);
  // A conflict may be over by the time that it is looked for.
  throw isConflict(refused) ? refusalError([refused]) : clusterError('apply the manifests', result);
}

function refusalError(refusals: readonly Refusal[]): UserError {
  const message = refusals.map(({ what }) => what).join('\n');
  const hint = [...new Set(refusals.map(({ remedy }) => remedy))].join('\n');
  if (!refusals.every(isConflict)) return new UserError(message, { hint });
  const fields = refusals.flatMap((one) => one.fields);
  return new FieldConflict(message, hint, fields);
}

function isConflict({ fields }: Refusal): boolean {
  return fields.length > 0;
}

/** What became of objects of which each is applied on its own. */
export interface PartlyApplied {
  /** As the cluster stores them. */
  applied: KubernetesObject[];
  refused: RefusedObject[];
}

export interface RefusedObject {
  object: KubernetesObject;
  refusal: Refusal;
}

/**
 * Applies the objects with all of their fields. What the cluster refuses is left as it is, and keeps nothing else from
 * being applied.
 * @throws ClusterUnreachable when it cannot be reached.
 */
export async function applyAccepted(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { dryRun = false }: Pick<ApplyOptions, 'dryRun'> = {},
): Promise<PartlyApplied> {
  if (objects.length === 0) return { applied: [], refused: [] };
  const result = await runApply(kubectl, objects, { force: true, dryRun });
  if (result.ok) return { applied: parsePrintedObjects(result.stdout.data), refused: [] };
  const words = result.stderr.data;
  const named = objects.filter(({ metadata }) => words.includes(`"${metadata.name}"`));
  let refused = await readRefusals(kubectl, named, { force: true });
  if (refused.length === 0) refused = await readRefusals(kubectl, objects, { force: true });
  if (refused.length === 0) throw clusterError('apply the manifests', result);
  const others = objects.filter((object) => !refused.some((one) => one.object === object));
  const rest = await applyAccepted(kubectl, others, { dryRun });
  return { applied: rest.applied, refused: [...refused, ...rest.refused] };
}

/**
 * The objects as the cluster would have them once they are applied, with its defaults. Those that it would refuse are left
 * out, and all of them when it cannot say that, since a webhook is down or knows no dry run: nothing else may fail by it.
 * @throws Cancelled
 */
export async function previewApplied(
  { kubectl, log }: { kubectl: Kubectl; log: Log },
  objects: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  try {
    return (await applyAccepted(kubectl, objects, { dryRun: true })).applied;
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    log.warn(`cannot try ${objects.map(titleOf).join(', ')} in a dry run: ${describeError(error)}`);
    return [];
  }
}

function isInherited({ managers }: Refusal): boolean {
  return managers.length > 0 && managers.every((one) => predecessors.has(one));
}

function runApply(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { dryRun, force }: ApplyOptions,
): ReturnType<Kubectl['run']> {
  const args = [...serverSideApply, '--output=json'];
  const flags = [...(dryRun ? ['--dry-run=server'] : []), ...(force ? ['--force-conflicts'] : [])];
  return kubectl.run([...args, ...flags], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** kubectl does not name the object of a conflict, so each is tried alone, without changing anything. */
async function readRefusals(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  options: ApplyOptions,
): Promise<RefusedObject[]> {
  const refused: RefusedObject[] = [];
  for (const object of objects) {
    const result = await runApply(kubectl, [object], { ...options, dryRun: true });
    const refusal = result.ok ? null : readRefusal(result.stderr.data);
    if (!refusal) continue;
    const title = `${object.kind} ${object.metadata.name}`;
    const what = refusal.what.startsWith(title) ? refusal.what : `${title}: ${refusal.what}`;
    refused.push({ object, refusal: { ...refusal, what: String(result.stderr.part(what)) } });
  }
  return refused;
}
