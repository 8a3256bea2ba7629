import type { Platform, RunningService } from '@slipway/platform';
import type { ReleasedService, ReleaseEntry } from '@slipway/release';

/** The services that do not run a release any more, as `notServing` names them. @throws Fault when the target does not answer. */
export async function findNotServing(
  platform: Pick<Platform, 'observe'>,
  { services }: Pick<ReleaseEntry, 'services'>,
): Promise<string[]> {
  const releases = Object.values(services).map(({ release }) => release);
  return notServing(services, await platform.observe(Object.keys(services), releases));
}

/**
 * Names the services that do not run what they should: one without a ready replica, one of which a workload has no replicas
 * although no autoscaler chose that, one with a replica of another image or release, and one that no request reaches, with
 * the reason in parentheses. What was proven may have been replaced by hand since. Pure.
 * @param wanted What each service should run.
 */
export function notServing(
  wanted: Readonly<Record<string, ReleasedService>>,
  observed: ReadonlyMap<string, RunningService>,
): string[] {
  const differing = Object.entries(wanted).filter(([name, service]) => {
    const {
      replicas = [],
      declared = null,
      withoutReplicas = [],
      unreached = null,
    } = observed.get(name) ?? {};
    if (withoutReplicas.length > 0 || unreached !== null) return true;
    // An autoscaler may have scaled it to zero: otherwise its workloads were named above.
    if (replicas.length === 0) return declared === null || !isOf(service, declared);
    return !replicas.some(({ healthy }) => healthy) || replicas.some((replica) => !isOf(service, replica));
  });
  return differing.map(([name]) => {
    const unreached = observed.get(name)?.unreached ?? null;
    return unreached === null ? name : `${name} (${unreached})`;
  });
}

/** By digest, and where one is not known, by the release that the replicas are labelled with. */
function isOf(wanted: ReleasedService, { image, release }: ReleasedService): boolean {
  const { digest } = wanted.image;
  return digest !== null && image.digest !== null ? digest === image.digest : release === wanted.release;
}
