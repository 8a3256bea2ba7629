import { Fault, UserError } from '@slipway/kernel';
import { applyObjects } from '../cluster/apply.ts';
import { ClusterUnreachable } from '../cluster/cluster-error.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { isNamespace } from '../manifests/index.ts';
import { loadManifestDocuments } from '../render/load-documents.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * Runs an operation that may run twice on the namespace, again while the API server is unreachable. A namespace that
 * comes with the release is created when the operation fails because it is not there yet: the state of the first release
 * must be written before anything else is applied.
 * @throws Fault when the server stays away; what the operation throws.
 */
export async function reach<T>(target: KubernetesTarget, operation: () => Promise<T>): Promise<T> {
  const attempt = () => retryWhileUnreachable(target, operation);
  try {
    return await attempt().catch(async (error: unknown) => {
      if (!(error instanceof UserError) || !(await createNamespace(target))) throw error;
      return attempt();
    });
  } catch (error) {
    if (!(error instanceof ClusterUnreachable)) throw error;
    throw new Fault(error.message, { cause: error, hint: error.hint });
  }
}

/** @returns false when it exists, or when no manifest has it. */
async function createNamespace(target: KubernetesTarget): Promise<boolean> {
  const { kubectl } = target;
  const { namespace } = kubectl;
  const result = await kubectl.run(['get', 'namespace', namespace, '--ignore-not-found', '--output=name']);
  if (!result.ok || !result.stdout.isEmpty) return false;
  const documents = await loadManifestDocuments(target);
  const own = documents.map(({ object }) => object).filter((one) => isNamespace(one, namespace));
  await applyObjects(kubectl, own);
  return own.length > 0;
}
