import { UserError } from '@slipway/kernel';
import { applyObjects } from '../cluster/apply.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { field, isNamespace, type KubernetesObject, thirdPartyOwner, titleOf } from '../manifests/index.ts';
import { dryRunObjects, type ReleaseObjects } from '../render/release-objects.ts';
import type { KubernetesTarget } from '../target.ts';
import { checkPods } from './check-pods.ts';
import type { Problem } from './problem.ts';

/** Compares the objects with the live ones, and asks the API server for the outcome of an apply. */
export async function checkObjects(target: KubernetesTarget, release: ReleaseObjects): Promise<void> {
  const { kubectl, config } = target;
  const objects = [...release.shared, ...Object.values(release.services).flat()];
  const live = await readLiveObjects(kubectl, objects);
  const isOwn = (one: KubernetesObject): boolean => isNamespace(one, kubectl.namespace);
  const isNewNamespace = objects.some(isOwn) && !live.some(isOwn);
  refuse([...live.flatMap(ownedByThirdParty), ...live.flatMap(pausedByHand)]);
  // Nothing can be tried in a namespace that does not exist yet.
  if (isNewNamespace) return;
  const force = config['force-conflicts'];
  await applyObjects(kubectl, dryRunObjects(release, live), { dryRun: true, force });
  refuse(await checkPods(target, release, live));
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new UserError(problems.map(({ what }) => what).join('\n'), {
    hint: [...new Set(problems.map(({ remedy }) => remedy))].join('\n'),
  });
}

function ownedByThirdParty(live: KubernetesObject): Problem[] {
  const owner = thirdPartyOwner(live);
  if (!owner) return [];
  return [
    {
      what: `${titleOf(live)} belongs to ${owner.tool} (${owner.name}), which would revert what Slipway applies`,
      remedy: `Deploy with ${owner.tool} (${owner.command}), or stop managing the object there first.`,
    },
  ];
}

/** Set by hand on the live object, it would keep a rollout from starting. */
function pausedByHand(live: KubernetesObject): Problem[] {
  if (live.kind !== 'Deployment' || field(live, 'spec', 'paused') !== true) return [];
  const { name } = live.metadata;
  return [
    {
      what: `Deployment ${name} is paused: it would accept the new version and never roll it out`,
      remedy: `Find out why it is paused, then run "kubectl rollout resume deployment/${name}".`,
    },
  ];
}
