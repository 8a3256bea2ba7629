import { UserError } from '@slipway/kernel';
import type { DesiredService, RestoreSource } from '@slipway/platform';
import { missingRights } from '../cluster/access.ts';
import { applyAccepted } from '../cluster/apply.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { describeLeft } from '../cluster/left-objects.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { describeSaved } from '../release-history/saved-manifests.ts';
import type { ReleaseSource } from '../rollout/release-source.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * Reads the manifests that a restore of a service would apply, asks for the rights that it takes, and tries it in a dry run
 * of the API server. Which images the
 * nodes hold is not asked: a pod can start on any of them.
 * @throws UserError when there are no manifests of the service, or rights are missing.
 */
export async function findRestoreSource(
  target: KubernetesTarget,
  source: ReleaseSource,
  desired: DesiredService,
  to: string | null,
): Promise<RestoreSource> {
  const { kubectl } = target;
  const { name, release } = desired;
  const { shared, services } = await source.restored(desired, to);
  const own = services[name] ?? [];
  if (own.length === 0)
    throw new UserError(
      `${name} cannot be restored: the manifests that are saved for ${describeSaved(release)} do not contain it`,
      { hint: 'Apply the manifests of that release with kubectl, or deploy it again.' },
    );
  const objects = [...shared, ...own];
  const lacking = await missingRights(kubectl, objects);
  if (lacking.length > 0)
    throw new UserError(`this login lacks rights that a rollback needs: ${lacking.join(', ')}`, {
      hint: `Grant them with a Role and RoleBinding in namespace ${kubectl.namespace}.`,
    });
  const count = objects.length === 1 ? '1 object is' : `${objects.length} objects are`;
  const tried = await retryWhileUnreachable(target, () => tryRestore(kubectl, objects, own));
  return { hasImage: null, configuration: `${count} saved`, isSaved: true, ...tried };
}

/** What the API server would refuse of a restore, by a dry run. */
async function tryRestore(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  own: readonly KubernetesObject[],
): Promise<Pick<RestoreSource, 'left' | 'refused'>> {
  // A Job is not restored.
  const restored = objects.filter(({ kind }) => kind !== 'Job');
  const { refused } = await applyAccepted(kubectl, restored, { dryRun: true });
  const [ofService, others] = [true, false].map((isOwn) =>
    refused.filter(({ object }) => own.includes(object) === isOwn),
  );
  const left = await describeLeft(kubectl, others ?? []);
  // A service whose workload cannot go back is not restored, whatever the reason.
  const workloads = (ofService ?? []).map(({ refusal }) => refusal.what);
  return { left: left.oneWay, refused: [...workloads, ...left.refused] };
}
