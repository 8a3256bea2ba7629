import { createHash } from 'node:crypto';
import type { Stamp } from '@slipway/platform';
import {
  encodeStamp,
  type NamedStamp,
  prunable,
  type StampScope,
  sortStamps,
  stampName,
  stampSchema,
} from '@slipway/platform';
import * as z from 'zod';
import { type Kubectl, marks, serverSideApply } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../manifests/index.ts';

const listed = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) }),
  ),
});

/**
 * Stamps live in the namespace as ConfigMaps, one each: created in one step, and out of reach of `rollout undo`, which
 * replaces the annotations of a Deployment by those of the old revision. `kept` is written before it, in the same request.
 */
export async function writeStamp(
  kubectl: Kubectl,
  stamp: Stamp,
  kept: readonly KubernetesObject[],
): Promise<void> {
  const scope = scopeOf(stamp);
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: stampName(scope, stamp), labels: { [marks.stamp]: scope } },
    data: { stamp: encodeStamp(stamp) },
  };
  const args = [...serverSideApply, '--force-conflicts'];
  const list = { apiVersion: 'v1', kind: 'List', items: [...kept, object] };
  const doing = 'stamp the release on the cluster';
  await kubectl.demand(doing, args, JSON.stringify(list));
}

/** Deletes the oldest. @returns those that are left, newest first. */
export async function pruneStamps(kubectl: Kubectl, of: StampScope): Promise<Stamp[]> {
  const all = await named(kubectl, of);
  const old = new Set(prunable(all).map(({ name }) => name));
  if (old.size > 0)
    await kubectl.demand('prune old stamps', ['delete', 'configmap', '--ignore-not-found', ...old]);
  return all.filter(({ name }) => !old.has(name)).map(({ stamp }) => stamp);
}

/** Newest first. One with our label that cannot be read is an error: it may be the one that matters. */
export async function readStamps(kubectl: Kubectl, of: StampScope): Promise<Stamp[]> {
  return (await named(kubectl, of)).map(({ stamp }) => stamp);
}

async function named(kubectl: Kubectl, of: StampScope): Promise<NamedStamp[]> {
  const selector = `--selector=${marks.stamp}=${scopeOf(of)}`;
  const { items } = listed.parse(await kubectl.get('read the stamps', 'configmaps', selector));
  return sortStamps(
    items.map(({ metadata, data }) => ({
      name: metadata.name,
      stamp: stampSchema.parse(JSON.parse(data.stamp ?? '')),
    })),
  );
}

/** The scope as a label may hold it. What does not fit becomes a hash, so that two long names are never cut to the same. */
export function scopeOf({ app, environment }: StampScope): string {
  const scope = `${app}.${environment}`;
  if (scope.length <= 63 && /^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(scope)) return scope;
  return `h${createHash('sha256').update(scope).digest('hex').slice(0, 40)}`;
}
