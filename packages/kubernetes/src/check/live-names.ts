import * as z from 'zod';
import type { LiveNames } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';

const listSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      data: z.record(z.string(), z.unknown()).nullish(),
      binaryData: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});

type Keys = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Names, and the keys of Secrets and ConfigMaps; values are dropped where they are read. What the login may not list is
 * unknown (null) and not judged: the rollout itself shows it.
 */
export async function readLiveNames(target: KubernetesTarget): Promise<LiveNames> {
  const [secrets, configMaps, serviceAccounts, claims] = await Promise.all([
    readKeys(target, 'secrets'),
    readKeys(target, 'configmaps'),
    readKeys(target, 'serviceaccounts'),
    readKeys(target, 'persistentvolumeclaims'),
  ]);
  return { secrets, configMaps, serviceAccounts: namesOf(serviceAccounts), claims: namesOf(claims) };
}

async function readKeys({ kubectl, log }: KubernetesTarget, resource: string): Promise<Keys | null> {
  const result = await kubectl.run(['get', resource, '--output=json']);
  if (!result.ok) {
    log.warn(`this login may not list ${resource}: references to them were not checked`);
    return null;
  }
  const { items } = listSchema.parse(JSON.parse(result.stdout.data));
  return new Map(
    items.map(({ metadata, data, binaryData }) => [
      metadata.name,
      new Set([...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})]),
    ]),
  );
}

function namesOf(keys: Keys | null): ReadonlySet<string> | null {
  return keys && new Set(keys.keys());
}
