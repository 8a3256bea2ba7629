import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '@slipway/kernel';
import type { StampScope } from '@slipway/platform';
import * as z from 'zod';
import type { Kubectl } from '../cluster/kubectl.ts';
import { type KubernetesObject, kubernetesObjectSchema } from '../manifests/index.ts';
import { marks } from '../marks.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { pruneStamps, scopeOf } from './stamps.ts';

/** Bytes that a ConfigMap may hold, less those of its metadata. */
const maxBytes = 1_000_000;

const configMapSchema = z.object({ binaryData: z.record(z.string(), z.string()) });
const objectsSchema = z.object({
  shared: z.array(kubernetesObjectSchema),
  services: z.record(z.string(), z.array(kubernetesObjectSchema)),
});

/**
 * The object that saves in the namespace what a release applies, so that a rollback applies exactly that again, however
 * the checkout has changed. Secrets are never part of it: they stay as they are.
 * @throws UserError when it is more than an object may hold.
 */
export function savedManifestsObject(
  scope: StampScope,
  release: string | null,
  objects: ReleaseObjects,
): KubernetesObject {
  const shared = objects.shared.filter(({ kind }) => kind !== 'Secret');
  const packed = gzipSync(JSON.stringify({ ...objects, shared })).toString('base64');
  if (packed.length > maxBytes)
    throw new UserError(`the manifests of ${scope.app} are too large to save for a rollback`, {
      hint: `Move large files out of ConfigMaps: compressed, the manifests have ${packed.length} bytes, and a ConfigMap holds ${maxBytes}.`,
    });
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(scope, release),
      labels: { [marks.documents]: scopeOf(scope) },
      annotations: { [marks.release]: release ?? '' },
    },
    binaryData: { 'objects.json.gz': packed },
  };
}

/** What was saved for a release; null when nothing was. @throws Fault when it cannot be read. */
export async function readSavedManifests(
  kubectl: Kubectl,
  scope: StampScope,
  release: string | null,
): Promise<ReleaseObjects | null> {
  const name = nameOf(scope, release);
  const found = await kubectl.get('read the saved manifests', 'configmap', name, '--ignore-not-found');
  if (found === null) return null;
  const packed = configMapSchema.parse(found).binaryData['objects.json.gz'] ?? '';
  return objectsSchema.parse(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')));
}

/** Deletes old stamps, and the manifests of releases that no stamp names any more. */
export async function pruneHistory(kubectl: Kubectl, scope: StampScope): Promise<void> {
  const stamps = await pruneStamps(kubectl, scope);
  const needed = stamps.flatMap(({ services, previous, release }) => [
    release,
    ...[...Object.values(services), ...Object.values(previous)].map((service) => service?.release ?? null),
  ]);
  const needs = new Set(needed.map((release) => `configmap/${nameOf(scope, release)}`));
  const selector = `--selector=${marks.documents}=${scopeOf(scope)}`;
  const list = ['get', 'configmaps', selector, '--output=name'];
  const names = (await kubectl.execOrThrow('list the saved manifests', list)).split('\n');
  const old = names.filter((name) => name !== '' && !needs.has(name));
  if (old.length > 0)
    await kubectl.execOrThrow('prune saved manifests', ['delete', '--ignore-not-found', ...old]);
}

function nameOf(scope: StampScope, release: string | null): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([scope.app, scope.environment, release]))
    .digest('hex');
  return `slipway-documents-${hash.slice(0, 20)}`;
}
