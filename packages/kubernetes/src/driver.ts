import type { KubernetesConfig } from '@slipway/config';
import { describeError } from '@slipway/kernel';
import type { Platform, PlatformOptions, Stamp } from '@slipway/platform';
import { checkTarget } from './check/check-target.ts';
import { planService } from './check/plan-service.ts';
import { openAccess } from './cluster/kubeconfig.ts';
import { Kubectl } from './cluster/kubectl.ts';
import { retryWhileUnreachable } from './cluster/retry.ts';
import { isNamespace } from './manifests/index.ts';
import { observeService } from './observe/observe-service.ts';
import { preexistingObjects } from './release-history/preexisting-objects.ts';
import { pruneHistory, readSavedManifests, savedManifestsObject } from './release-history/saved-manifests.ts';
import { readStamps, writeStamp } from './release-history/stamps.ts';
import { findServiceWorkloads } from './render/service-workloads.ts';
import { ReleaseSource } from './rollout/release-source.ts';
import { removeService } from './rollout/remove-service.ts';
import { rollService } from './rollout/roll-service.ts';
import { openStore } from './state/store.ts';
import type { KubernetesTarget } from './target.ts';

/** Kubernetes, one namespace of one cluster, by kubectl: with the login and the plug-ins that work in a terminal. */
export function kubernetesPlatform(options: PlatformOptions<'kubectl'>, config: KubernetesConfig): Platform {
  const target = openTarget(options, config);
  const { kubectl } = target;
  const source = new ReleaseSource(target);
  return {
    // Objects that services share are applied with each of them.
    rollsInParallel: false,
    store: openStore(target),
    check: (names, purpose) => checkTarget(target, names, purpose),
    async observe(names) {
      const workloads = await findServiceWorkloads(target);
      const observed = names.map(
        async (name) => [name, await observeService(target, name, workloads.get(name) ?? [])] as const,
      );
      return new Map(await Promise.all(observed));
    },
    stamp: (stamp) =>
      stamp.state === 'started' ? stampStart(target, source, stamp) : stampEnd(target, stamp),
    stamps: (app, environment) =>
      retryWhileUnreachable(target, () => readStamps(kubectl, { app, environment })),
    plan: (desired) => planService(target, desired),
    async roll(desired, { purpose, prove = async () => ({ ok: true }) }) {
      const objects = await source.objectsFor(desired, purpose);
      const previousObjects = (release: string | null) => source.saved(release);
      return rollService(target, { desired, purpose, objects, previousObjects }, prove);
    },
    remove: (service) => removeService(target, service),
  };
}

function openTarget(options: PlatformOptions<'kubectl'>, config: KubernetesConfig): KubernetesTarget {
  const { environment, workspace, temp, exec, clock, signal, log, redactor } = options;
  const access = openAccess(config, { workspace, temp, hide: (secret) => redactor.add(secret) });
  const kubectl = new Kubectl(exec, options.programs, access);
  const { app, services } = options.config;
  const scope = { app, environment };
  return { kubectl, config, services, scope, workspace, exec, clock, signal, log, redactor };
}

/** Saves what the release applies, and what it replaces where others made that, together with the stamp. */
async function stampStart(target: KubernetesTarget, source: ReleaseSource, stamp: Stamp): Promise<void> {
  const { kubectl, scope } = target;
  const objects = await source.render(stamp);
  const saved = [savedManifestsObject(scope, stamp.release, objects)];
  if (Object.values(stamp.previous).some((service) => service && service.release === null)) {
    const earlier = await readSavedManifests(kubectl, scope, null);
    const originals = await preexistingObjects(kubectl, objects, stamp.previous, earlier);
    saved.push(savedManifestsObject(scope, null, originals));
  }
  // A namespace that comes with the release must exist before anything can be saved in it.
  const own = objects.shared.filter((one) => isNamespace(one, kubectl.namespace));
  await retryWhileUnreachable(target, () => writeStamp(kubectl, stamp, [...own, ...saved]));
}

async function stampEnd(target: KubernetesTarget, stamp: Stamp): Promise<void> {
  const { kubectl, scope, log } = target;
  await retryWhileUnreachable(target, () => writeStamp(kubectl, stamp, []));
  await pruneHistory(kubectl, scope).catch((error: unknown) => {
    log.warn(`cannot prune the release history: ${describeError(error)}`);
  });
}
