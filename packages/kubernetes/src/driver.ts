import type { KubernetesConfig } from '@slipway/config';
import type { Platform, PlatformOptions, SavedRelease, StateStore } from '@slipway/platform';
import { checkTarget } from './check/check-target.ts';
import { findLeft } from './check/find-left.ts';
import { findRestoreSource } from './check/find-restore-source.ts';
import { planService } from './check/plan-service.ts';
import { openAccess } from './cluster/kubeconfig.ts';
import { Kubectl } from './cluster/kubectl.ts';
import { observeService } from './observe/observe-service.ts';
import { runningWorkloads } from './observe/running-workloads.ts';
import { preexistingObjects } from './release-history/preexisting-objects.ts';
import { preexistingRelease, readSavedManifests } from './release-history/saved-manifests.ts';
import { awaitPreviousJobs } from './rollout/previous-job.ts';
import { ReleaseSource } from './rollout/release-source.ts';
import { removeAdded, removeService } from './rollout/remove-service.ts';
import { rollService } from './rollout/roll-service.ts';
import { findNeighbours } from './state/neighbours.ts';
import { openStore } from './state/store.ts';
import type { KubernetesTarget } from './target.ts';

/** Kubernetes, one namespace of one cluster, by kubectl: with the login and the plug-ins that work in a terminal. */
export function kubernetesPlatform(options: PlatformOptions<'kubectl'>, config: KubernetesConfig): Platform {
  const target = openTarget(options, config);
  const store = openStore(target);
  const source = new ReleaseSource(target, store);
  return {
    // Objects that services share are applied with each of them.
    rollsInParallel: false,
    store,
    scope: { title: `namespace "${config.namespace}"`, key: 'kubernetes.namespace' },
    neighbours: () => findNeighbours(target),
    check: (names, purpose) => checkTarget(target, names, purpose),
    async observe(names, releases = []) {
      const workloads = await runningWorkloads(target, source, names, releases);
      const observed = names.map(
        async (name) => [name, await observeService(target, name, workloads.get(name) ?? [])] as const,
      );
      return new Map(await Promise.all(observed));
    },
    saveRelease: (saved) => saveRelease(target, { source, store }, saved),
    forgetReleases: (keep) => store.pruneDocuments([...keep, preexistingRelease]),
    plan: (desired) => planService(target, desired),
    findLeft: async (release, names) => findLeft(target, await readSavedManifests(store, release), names),
    findRestoreSource: (desired, to) => findRestoreSource(target, source, desired, to),
    async roll(desired, options) {
      const { purpose, later, assertHeld, prove = async () => ({ ok: true }) } = options;
      const { previous, others } = options.purpose === 'deploy' ? options : { previous: null, others: [] };
      const objects =
        options.purpose === 'deploy'
          ? await source.deployed(desired)
          : await source.restored(desired, options.to);
      const previousObjects = (release: string | null) => source.saved(release);
      const service = { desired, purpose, assertHeld, objects, previous, others, later, previousObjects };
      return rollService(target, service, prove);
    },
    remove: (service, release, restored) => removeService(target, source, { service, release, restored }),
    removeAdded: (newer, services) => removeAdded(target, source, { newer, services }),
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

/**
 * Saves what the release applies, and what it replaces where others made that. Before that, Jobs of an earlier release that
 * still run are waited for: nothing has been changed yet.
 */
async function saveRelease(
  target: KubernetesTarget,
  { source, store }: { source: ReleaseSource; store: StateStore },
  saved: SavedRelease,
): Promise<void> {
  const objects = await source.render(saved);
  await awaitPreviousJobs(target, objects, saved.release);
  await source.save(saved.release, objects);
  const previous = Object.values(saved.previous).flatMap((service) => service ?? []);
  for (const release of new Set(previous.map((service) => service.release))) {
    // A release has saved what it was made from, unless its state is lost or damaged.
    if (release !== null && (await source.readable(release))) continue;
    const earlier = release === null ? await readSavedManifests(store, null) : null;
    const of = { previous: saved.previous, release };
    await source.save(release, await preexistingObjects(target.kubectl, objects, of, earlier));
  }
}
