import type { KubernetesConfig } from '@slipway/config';
import type { Platform, PlatformOptions, Stamp } from '@slipway/platform';
import { checkTarget } from './check.ts';
import { Kubectl, openAccess } from './cluster/kubectl.ts';
import { outlast } from './cluster/outlast.ts';
import { renderRelease, servedBy } from './documents.ts';
import { foreignObjects } from './kept/foreign-objects.ts';
import { documentsObject, keptDocuments, pruneKept, type ReleaseObjects } from './kept/kept-documents.ts';
import { readStamps, writeStamp } from './kept/stamps.ts';
import { isNamespace } from './manifests/index.ts';
import { observeService } from './observe.ts';
import { planService } from './plan.ts';
import { removeService } from './remove.ts';
import { rollService } from './roll.ts';
import type { KubernetesTarget } from './target.ts';

/** Kubernetes, one namespace of one cluster, by kubectl: with the login and the plug-ins that work in a terminal. */
export function kubernetesPlatform(options: PlatformOptions<'kubectl'>, config: KubernetesConfig): Platform {
  const { environment, workspace, temp, exec, clock, signal, log, redactor } = options;
  const access = openAccess(config, { workspace, temp, hide: (secret) => redactor.add(secret) });
  const kubectl = new Kubectl(exec, options.programs, access);
  const scope = { app: options.config.app, environment };
  const { services } = options.config;
  const target: KubernetesTarget = {
    kubectl,
    config,
    services,
    scope,
    workspace,
    exec,
    clock,
    signal,
    log,
    redactor,
  };
  /** What this very process rendered, Secrets included, which are kept nowhere else. */
  const rendered = new Map<string | null, ReleaseObjects>();
  const objectsOf = async (release: string | null): Promise<ReleaseObjects | null> =>
    rendered.get(release) ?? keptDocuments(kubectl, scope, release);
  const keepForeign = async (stamp: Stamp, objects: ReleaseObjects): Promise<ReleaseObjects> =>
    foreignObjects(kubectl, objects, stamp.previous, await keptDocuments(kubectl, scope, null));
  return {
    check: (names, purpose) => checkTarget(target, names, purpose),
    async observe(names) {
      const workloads = await servedBy(target);
      const observed = await Promise.all(
        names.map(
          async (name) => [name, await observeService(target, name, workloads.get(name) ?? [])] as const,
        ),
      );
      return new Map(observed);
    },
    async stamp(stamp) {
      if (stamp.state === 'started') {
        const objects = await renderRelease(target, stamp.services, stamp.release);
        rendered.set(stamp.release, objects);
        const kept = [documentsObject(scope, stamp.release, objects)];
        const foreign = Object.values(stamp.previous).some((service) => service && service.release === null);
        if (foreign) kept.push(documentsObject(scope, null, await keepForeign(stamp, objects)));
        // A namespace that comes with the release must be there before anything can be kept in it.
        const own = objects.shared.filter((one) => isNamespace(one, kubectl.namespace));
        await outlast(target, () => writeStamp(kubectl, stamp, [...own, ...kept]));
        return;
      }
      await outlast(target, () => writeStamp(kubectl, stamp, []));
      await pruneKept(kubectl, scope).catch((error: Error) => {
        log.warn(`old stamps were not pruned: ${error.message}`);
      });
    },
    stamps: (app, of) => outlast(target, () => readStamps(kubectl, { app, environment: of })),
    plan: (desired) => planService(target, desired),
    async roll(desired, { purpose, prove = async () => ({ ok: true }) }) {
      const force = purpose === 'restore';
      const objects =
        (await objectsOf(desired.release)) ??
        (await renderRelease(target, { [desired.name]: desired }, desired.release));
      const service = { desired, objects, force, former: objectsOf };
      return rollService(target, service, prove);
    },
    remove: (service) => removeService(target, service),
  };
}
