import { loadManifests, type ManifestDocument } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';

/** The manifests as they are in the checkout. @throws UserError with every problem, by file and line. */
export function loadManifestDocuments(target: KubernetesTarget): Promise<ManifestDocument[]> {
  const { config, workspace, kubectl } = target;
  return loadManifests({
    paths: config.manifests,
    workspace,
    namespace: config.namespace,
    kustomize: (folder) => kubectl.execOrThrow(`build ${folder}`, ['kustomize', folder]),
  });
}
