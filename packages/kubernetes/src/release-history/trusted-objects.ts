import { formatImage, readImage, UserError } from '@slipway/kernel';
import type { DesiredService } from '@slipway/platform';
import {
  containersOf,
  isClusterWide,
  isNamespace,
  type KubernetesObject,
  text,
  titleOf,
} from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { describeSaved } from './saved-manifests.ts';

const hint =
  'Something else changed them: apply the manifests of that release with kubectl, or deploy it again.';

/**
 * What was saved in the namespace, without what lies outside it: whoever may write a ConfigMap there may not reach further
 * with the login of Slipway. Pure.
 * @param of `custom`: those of the objects that are custom resources outside namespaces.
 * @throws UserError for what Slipway never saves: another namespace, a list in place of an object, a workload of a service
 * that is none.
 */
export function trustedObjects(
  saved: ReleaseObjects,
  release: string | null,
  { namespace, custom }: { namespace: string; custom: ReadonlySet<KubernetesObject> },
): ReleaseObjects {
  const workloads = Object.values(saved.services).flat();
  const problems = [
    ...[...saved.shared, ...workloads].flatMap((one) => strangeness(one, namespace)),
    ...workloads
      .filter((one) => containersOf(one).length === 0)
      .map((one) => `${titleOf(one)} runs no image`),
  ];
  if (problems.length > 0)
    throw new UserError(
      `the manifests that are saved for ${describeSaved(release)} are not those of Slipway: ${problems.join('; ')}`,
      { hint },
    );
  const isOutside = (one: KubernetesObject): boolean =>
    custom.has(one) || (isClusterWide(one.kind) && !isNamespace(one, namespace));
  return {
    ...saved,
    shared: saved.shared.filter((one) => !isOutside(one)),
    outside: saved.shared.filter(isOutside),
  };
}

function strangeness(object: KubernetesObject, namespace: string): string[] {
  const title = titleOf(object);
  if (Array.isArray(object.items)) return [`${title} is a list`];
  if (object.kind === 'Secret') return [`${title} is a Secret`];
  const own = text(object, 'metadata', 'namespace') ?? namespace;
  return own === namespace || isClusterWide(object.kind) ? [] : [`${title} has namespace "${own}"`];
}

/**
 * Holds the saved workloads of a service against the image that the state names for it, whose repository was held against
 * the configuration. Pure.
 * @throws UserError when one runs something else.
 */
export function assertRuns({ services }: ReleaseObjects, { name, image, release }: DesiredService): void {
  const other = (services[name] ?? []).filter(
    (workload) => !containersOf(workload).some(({ fields }) => isImage(text(fields, 'image'), image)),
  );
  if (other.length === 0) return;
  throw new UserError(
    `the manifests that are saved for ${describeSaved(release)} do not run ${formatImage(image)} in ${other.map(titleOf).join(', ')}`,
    { hint },
  );
}

function isImage(reference: string | null, { repository, digest }: DesiredService['image']): boolean {
  const image = readImage(reference ?? '');
  return image?.repository === repository && (digest === null || image.digest === digest);
}
