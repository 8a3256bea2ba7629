import { Fault, UserError } from '@slipway/kernel';
import { previewApplied } from '../cluster/apply.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { isService, isTraffic, type KubernetesObject, titleOf } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * The routes of a release as the cluster has them once they are applied again, with the defaults of the server; where it
 * does not say that, as they are saved.
 */
export async function routesAsApplied(
  target: KubernetesTarget,
  shared: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[]> {
  const routes = shared.filter((one) => isTraffic(one) && !isService(one));
  const applied = await previewApplied(target, routes);
  return routes.map((route) => applied.find((one) => titleOf(one) === titleOf(route)) ?? route);
}

/**
 * The same routes as the cluster has them now; null when the login may not read them.
 * @throws ClusterUnreachable
 */
export async function liveRoutes(
  kubectl: Kubectl,
  routes: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[] | null> {
  try {
    return await readLiveObjects(kubectl, routes);
  } catch (error) {
    if (error instanceof UserError || error instanceof Fault) return null;
    throw error;
  }
}
