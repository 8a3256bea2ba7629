import { parseImage, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import * as z from 'zod';
import { missingRights } from './cluster/access.ts';
import { applyObjects } from './cluster/apply.ts';
import { ClusterUnreachable, clusterError } from './cluster/cluster-error.ts';
import { readLive } from './cluster/live-objects.ts';
import { comparable, loadDocuments, renderRelease } from './documents.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import { judgeLint } from './lint-check.ts';
import {
  foreignOwner,
  isNamespace,
  type KubernetesObject,
  type ManifestDocument,
  titleOf,
} from './manifests/index.ts';
import { podProblems } from './pod-preflight.ts';
import type { KubernetesTarget } from './target.ts';

const versions = z.object({ serverVersion: z.object({ gitVersion: z.string() }).optional() });

/**
 * Everything that can be known to fail before a rollout, all at once: the login and its rights, the manifests, whose
 * objects they are, what the API server says of them (a dry run changes nothing), and the pods that would be made.
 * Before a rollback only whether the cluster answers and lets us: the new release may be as broken as it likes.
 */
export async function checkTarget(
  target: KubernetesTarget,
  names: readonly string[],
  purpose: Purpose,
): Promise<{ evidence: string }> {
  try {
    const version = await serverVersion(target);
    if (purpose === 'restore') return { evidence: `Kubernetes ${version}` };
    const documents = await loadDocuments(target);
    await demandNamespace(target, documents);
    const lacking = await missingRights(target.kubectl, new Set(documents.map(({ kind }) => kind)));
    if (lacking.length > 0)
      throw new UserError(`this login may not do what a rollout needs: ${lacking.join(', ')}`, {
        hint: `Grant it with a Role and RoleBinding in ${target.kubectl.namespace}; the README lists the rights.`,
      });
    const warnings = await judgeLint(target, documents, version);
    await judgeObjects(target, names);
    const workloads = documents.length === 1 ? '1 object' : `${documents.length} objects`;
    const found = warnings === 0 ? '' : `, ${warnings} lint findings`;
    return {
      evidence: `Kubernetes ${version}, ${workloads}, ${names.length} services can be rolled${found}`,
    };
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    throw new UserError(error.message, {
      cause: error,
      hint: 'Check the server address in the kubeconfig and that this runner may reach it. Nothing was changed.',
    });
  }
}

async function serverVersion({ kubectl }: KubernetesTarget): Promise<string> {
  const ended = await kubectl.run(['version', '--output=json']);
  const said = ended.ok ? versions.parse(JSON.parse(ended.stdout.data)) : {};
  if (said.serverVersion) return said.serverVersion.gitVersion.replace(/^v/, '');
  throw clusterError('ask the cluster for its version', ended);
}

/** A login of one namespace may not be allowed to ask for it; the dry run then tells whether it is there. */
async function demandNamespace(
  { kubectl }: KubernetesTarget,
  documents: readonly ManifestDocument[],
): Promise<void> {
  const { namespace } = kubectl;
  if (documents.some(({ object }) => isNamespace(object, namespace))) return;
  const ended = await kubectl.run(['get', 'namespace', namespace, '--ignore-not-found', '--output=name']);
  if (ended.ok && ended.stdout.isEmpty)
    throw new UserError(`there is no namespace "${namespace}"`, {
      hint: `Create it ("kubectl create namespace ${namespace}"), add it to the manifests, or correct kubernetes.namespace.`,
    });
}

/** What the cluster has and says. The images are those of the manifests: what is asked does not depend on them. */
async function judgeObjects(target: KubernetesTarget, names: readonly string[]): Promise<void> {
  const { kubectl, config } = target;
  const wanted = names.map(
    (name) => [name, { image: parseImage(target.services[name]?.image ?? '') }] as const,
  );
  const release = await renderRelease(target, Object.fromEntries(wanted), 'check');
  const objects = [...release.shared, ...Object.values(release.services).flat()];
  const live = await readLive(kubectl, objects);
  const isOwn = (one: KubernetesObject): boolean => isNamespace(one, kubectl.namespace);
  const isNew = objects.some(isOwn) && !live.some(isOwn);
  const problems = [...live.flatMap(ownedByOthers), ...live.flatMap(stopped)];
  if (problems.length > 0) throw refusal(problems);
  if (!isNew)
    await applyObjects(kubectl, comparable(release, live), {
      dryRun: true,
      force: config['force-conflicts'],
    });
  const pods = isNew ? [] : await podProblems(target, release as ReleaseObjects, live);
  if (pods.length > 0) throw refusal(pods);
}

interface Problem {
  what: string;
  remedy: string;
}

function refusal(problems: readonly Problem[]): UserError {
  return new UserError(problems.map(({ what }) => what).join('\n'), {
    hint: [...new Set(problems.map(({ remedy }) => remedy))].join('\n'),
  });
}

function ownedByOthers(live: KubernetesObject): Problem[] {
  const owner = foreignOwner(live);
  if (!owner) return [];
  const what = `${titleOf(live)} belongs to ${owner.tool} (${owner.name}), which would undo what Slipway applies`;
  return [
    {
      what,
      remedy: `Deploy with ${owner.tool}: ${owner.command}. Or take the object out of its hands first.`,
    },
  ];
}

/** What would keep a rollout from ever beginning, set by hand on the live object. */
function stopped(live: KubernetesObject): Problem[] {
  const { paused } = (live as { spec?: { paused?: boolean } }).spec ?? {};
  if (live.kind !== 'Deployment' || !paused) return [];
  const { name } = live.metadata;
  return [
    {
      what: `Deployment ${name} is paused: it would take the new version and never roll it out`,
      remedy: `Find out why, then: kubectl rollout resume deployment/${name}.`,
    },
  ];
}
