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
import { type Kubectl, serverSideApply } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { marks } from '../marks.ts';

const stampList = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) }),
  ),
});

/**
 * Each stamp is a ConfigMap in the namespace: created in one step, and out of reach of `rollout undo`, which replaces
 * the annotations of a Deployment by those of the old revision. `saved` is written before it, in the same request.
 */
export async function writeStamp(
  kubectl: Kubectl,
  stamp: Stamp,
  saved: readonly KubernetesObject[],
): Promise<void> {
  const scope = scopeOf(stamp);
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: stampName(scope, stamp), labels: { [marks.stamp]: scope } },
    data: { stamp: encodeStamp(stamp) },
  };
  const args = [...serverSideApply, '--force-conflicts'];
  const list = { apiVersion: 'v1', kind: 'List', items: [...saved, object] };
  const doing = 'write the stamp of the release';
  await kubectl.execOrThrow(doing, args, JSON.stringify(list));
}

/** Deletes the oldest. @returns the remaining ones, newest first. */
export async function pruneStamps(kubectl: Kubectl, of: StampScope): Promise<Stamp[]> {
  const all = await readNamedStamps(kubectl, of);
  const old = new Set(prunable(all).map(({ name }) => name));
  if (old.size > 0)
    await kubectl.execOrThrow('prune old stamps', ['delete', 'configmap', '--ignore-not-found', ...old]);
  return all.filter(({ name }) => !old.has(name)).map(({ stamp }) => stamp);
}

/** Newest first. An unreadable one with our label is an error: it may be the one that matters. */
export async function readStamps(kubectl: Kubectl, of: StampScope): Promise<Stamp[]> {
  return (await readNamedStamps(kubectl, of)).map(({ stamp }) => stamp);
}

async function readNamedStamps(kubectl: Kubectl, of: StampScope): Promise<NamedStamp[]> {
  const selector = `--selector=${marks.stamp}=${scopeOf(of)}`;
  const { items } = stampList.parse(await kubectl.get('read the stamps', 'configmaps', selector));
  return sortStamps(
    items.map(({ metadata, data }) => ({
      name: metadata.name,
      stamp: stampSchema.parse(JSON.parse(data.stamp ?? '')),
    })),
  );
}

/** The scope as a valid label. A name that does not fit becomes a hash, so that two long names never become the same. */
export function scopeOf({ app, environment }: StampScope): string {
  const scope = `${app}.${environment}`;
  if (scope.length <= 63 && /^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(scope)) return scope;
  return `h${createHash('sha256').update(scope).digest('hex').slice(0, 40)}`;
}
