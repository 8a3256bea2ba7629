import { Fault, UserError } from '@slipway/kernel';
import { applyAccepted } from '../cluster/apply.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { isService, isTraffic, type KubernetesObject, titleOf } from '../manifests/index.ts';

/**
 * The routes of a release as the cluster has them once they are applied again, with the defaults of the server; null when
 * the login may not ask that.
 * @throws ClusterUnreachable
 */
export function routesAsApplied(
  kubectl: Kubectl,
  shared: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[] | null> {
  const routes = shared.filter((one) => isTraffic(one) && !isService(one));
  return nullWhenRefused(async () => {
    const { applied } = await applyAccepted(kubectl, routes, { dryRun: true });
    return routes.map((route) => applied.find((one) => titleOf(one) === titleOf(route)) ?? route);
  });
}

/** The same routes as the cluster has them now. @see routesAsApplied */
export function liveRoutes(
  kubectl: Kubectl,
  routes: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[] | null> {
  return nullWhenRefused(() => readLiveObjects(kubectl, routes));
}

async function nullWhenRefused<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UserError || error instanceof Fault) return null;
    throw error;
  }
}
