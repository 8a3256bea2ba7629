import { UserError } from '@slipway/kernel';
import type { DesiredService, RestoreSource } from '@slipway/platform';
import { missingRights } from '../cluster/access.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import type { ReleaseSource } from '../rollout/release-source.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * Reads the manifests that a restore of a service would apply, and asks for the rights that it takes. Which images the
 * nodes hold is not asked: a pod can start on any of them.
 * @throws UserError when there are no manifests of the service, or rights are missing.
 */
export async function findRestoreSource(
  { kubectl }: KubernetesTarget,
  source: ReleaseSource,
  desired: DesiredService,
): Promise<RestoreSource> {
  const { name, release } = desired;
  const { shared, services } = await source.objectsFor(desired, 'restore');
  const own = services[name] ?? [];
  if (own.length === 0)
    throw new UserError(
      `${name} cannot be restored: the manifests that are saved for ${describeSaved(release)} do not contain it`,
      { hint: 'Apply the manifests of that release with kubectl, or deploy it again.' },
    );
  const objects = [...shared, ...own];
  const lacking = await missingRights(kubectl, new Set(objects.map(({ kind }) => kind)));
  if (lacking.length > 0)
    throw new UserError(`this login lacks rights that a rollback needs: ${lacking.join(', ')}`, {
      hint: `Grant them with a Role and RoleBinding in namespace ${kubectl.namespace}.`,
    });
  const count = objects.length === 1 ? '1 object is' : `${objects.length} objects are`;
  return { hasImage: null, configuration: `${count} saved`, isSaved: true };
}
