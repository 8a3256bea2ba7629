import { describeError } from '@slipway/kernel';
import { type Neighbour, type NeighbourRelease, ownerOf } from '@slipway/platform';
import * as z from 'zod';
import { titleOf } from '../manifests/index.ts';
import { marks } from '../marks.ts';
import { readSavedManifests } from '../release-history/saved-manifests.ts';
import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';
import { Documents, packedText } from './documents.ts';
import { reach } from './reach.ts';
import { namespaceStoreName } from './store.ts';

const listSchema = z.object({
  items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })),
});

/** The states of other applications and environments in the namespace. */
export async function findNeighbours(target: KubernetesTarget): Promise<Neighbour[]> {
  const { kubectl, scope } = target;
  const selector = `--selector=${marks.store}`;
  const list = await reach(target, () => kubectl.get('list the states', 'configmaps', selector));
  return listSchema.parse(list).items.flatMap((object): Neighbour[] => {
    const { name } = object.metadata;
    if (name === namespaceStoreName(scope)) return [];
    const text = readText(target, name, object);
    const owner = ownerOf(text);
    if (!owner) return [];
    return [
      {
        owner,
        text,
        removal: `kubectl --namespace ${kubectl.namespace} delete configmap ${name}`,
        sharedWith: (services, release) => sharedWorkloads(target, services, { store: name, release }),
      },
    ];
  });
}

/** Empty for a state that somebody has damaged: it says of nobody what runs here, and keeps nobody from deploying. */
function readText({ log }: KubernetesTarget, name: string, object: unknown): string {
  try {
    return packedText(`the state in ConfigMap ${name}`, object);
  } catch (error) {
    log.warn(`what another application or environment runs is not known: ${describeError(error)}`);
    return '';
  }
}

/** The services of which the release has a workload: its names in the manifests may differ, as with a `namePrefix`. */
async function sharedWorkloads(
  target: KubernetesTarget,
  services: readonly string[],
  { store, release }: { store: string; release: NeighbourRelease },
): Promise<string[]> {
  const documents = new Documents(target.kubectl, store);
  const saved = await readSavedManifests(
    { readDocument: (of, title) => reach(target, () => documents.read(of, title)) },
    release.id,
  );
  const theirs = new Set(Object.values(saved?.services ?? {}).flatMap((objects) => objects.map(titleOf)));
  const own = await findServiceWorkloads(target);
  return services.filter((service) =>
    (own.get(service) ?? []).some(({ workload: { kind, name } }) => theirs.has(`${kind}/${name}`)),
  );
}
