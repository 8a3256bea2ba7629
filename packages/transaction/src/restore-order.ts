import type { RunningService } from '@slipway/platform';

/** Services that are broken first, and else the last one of the rollout first. Pure. */
export function restoreOrder(
  services: readonly string[],
  observed: ReadonlyMap<string, RunningService>,
): string[] {
  const names = services.toReversed();
  const isBroken = (name: string): boolean => {
    const replicas = observed.get(name)?.replicas ?? [];
    return replicas.length === 0 || replicas.some(({ healthy }) => !healthy);
  };
  return [...names.filter(isBroken), ...names.filter((name) => !isBroken(name))];
}
