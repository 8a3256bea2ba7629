import { parseImage, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import * as z from 'zod';
import { missingRights } from '../cluster/access.ts';
import { ClusterUnreachable, clusterError } from '../cluster/cluster-error.ts';
import { isNamespace, type ManifestDocument } from '../manifests/index.ts';
import { loadManifestDocuments } from '../render/load-documents.ts';
import { renderRelease } from '../render/render-release.ts';
import type { KubernetesTarget } from '../target.ts';
import { checkLint } from './check-lint.ts';
import { checkObjects } from './check-objects.ts';

const versionsSchema = z.object({ serverVersion: z.object({ gitVersion: z.string() }).optional() });

/**
 * Reports everything that is known to fail before a deploy, all at once: the login and its rights, the manifests, who
 * owns their objects, what the API server answers to them (a dry run changes nothing), and the pods that they create.
 * Before a restore only whether the cluster answers: nothing that is wrong with the new release may block it.
 */
export async function checkTarget(
  target: KubernetesTarget,
  names: readonly string[],
  purpose: Purpose,
): Promise<{ evidence: string }> {
  try {
    const version = await serverVersion(target);
    if (purpose === 'restore') return { evidence: `Kubernetes ${version}` };
    const documents = await loadManifestDocuments(target);
    await requireNamespace(target, documents);
    await requireRights(target, documents);
    const warnings = await checkLint(target, documents, version);
    await checkObjects(target, await renderForCheck(target, names));
    const objects = documents.length === 1 ? '1 object' : `${documents.length} objects`;
    const findings = warnings === 0 ? '' : `, ${warnings} lint ${warnings === 1 ? 'finding' : 'findings'}`;
    const services = names.length === 1 ? '1 service' : `${names.length} services`;
    return { evidence: `Kubernetes ${version}, ${objects}, ${services} can be rolled out${findings}` };
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    throw new UserError(error.message, {
      cause: error,
      hint: 'Check the server address in the kubeconfig, and that this runner can reach it. Nothing was changed.',
    });
  }
}

async function serverVersion({ kubectl }: KubernetesTarget): Promise<string> {
  const result = await kubectl.run(['version', '--output=json']);
  const { serverVersion } = result.ok
    ? versionsSchema.parse(JSON.parse(result.stdout.data))
    : { serverVersion: undefined };
  if (serverVersion) return serverVersion.gitVersion.replace(/^v/, '');
  throw clusterError('read the version of the cluster', result);
}

/** A login of one namespace may not be allowed to read it; the dry run then shows whether it exists. */
async function requireNamespace(
  { kubectl }: KubernetesTarget,
  documents: readonly ManifestDocument[],
): Promise<void> {
  const { namespace } = kubectl;
  if (documents.some(({ object }) => isNamespace(object, namespace))) return;
  const result = await kubectl.run(['get', 'namespace', namespace, '--ignore-not-found', '--output=name']);
  if (result.ok && result.stdout.isEmpty)
    throw new UserError(`namespace "${namespace}" does not exist`, {
      hint: `Create it ("kubectl create namespace ${namespace}"), add it to the manifests, or correct kubernetes.namespace.`,
    });
}

async function requireRights(
  { kubectl }: KubernetesTarget,
  documents: readonly ManifestDocument[],
): Promise<void> {
  const lacking = await missingRights(kubectl, documents);
  if (lacking.length === 0) return;
  throw new UserError(`this login lacks rights that a rollout needs: ${lacking.join(', ')}`, {
    hint: `Grant them with a Role and RoleBinding in namespace ${kubectl.namespace}; the documentation lists the rights.`,
  });
}

/** With the images of the configuration: the answers do not depend on them. */
function renderForCheck(target: KubernetesTarget, names: readonly string[]) {
  const services = names.map(
    (name) => [name, { image: parseImage(target.services[name]?.image ?? '') }] as const,
  );
  return renderRelease(target, Object.fromEntries(services), 'check');
}
