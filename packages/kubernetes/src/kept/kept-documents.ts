import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '@slipway/kernel';
import type { StampScope } from '@slipway/platform';
import * as z from 'zod';
import { type Kubectl, marks } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { pruneStamps, scopeOf } from './stamps.ts';

/** What one release applies. */
export interface ReleaseObjects {
  /** What is no service's workload, in an order that works: namespaces, configuration, Services, … */
  shared: readonly KubernetesObject[];
  /** Workloads per service, Jobs before those that serve. */
  services: Readonly<Record<string, readonly KubernetesObject[]>>;
}

/** Bytes that a ConfigMap may hold, with room for its own metadata. */
const most = 1_000_000;

const shape = z.object({ binaryData: z.record(z.string(), z.string()) });

/**
 * The object that keeps in the namespace what is applied for a release, so that a rollback applies the very same again,
 * whatever the checkout has become. Secrets are never among it: they stay as they are.
 * @throws UserError when it is more than an object may hold.
 */
export function documentsObject(
  scope: StampScope,
  release: string | null,
  objects: ReleaseObjects,
): KubernetesObject {
  const shared = objects.shared.filter(({ kind }) => kind !== 'Secret');
  const packed = gzipSync(JSON.stringify({ ...objects, shared })).toString('base64');
  if (packed.length > most)
    throw new UserError(`the manifests of ${scope.app} are too large to keep for a rollback`, {
      hint: `Packed they have ${packed.length} bytes; a ConfigMap holds ${most}. Move large files out of ConfigMaps.`,
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

/** null when nothing was kept for it. */
export async function keptDocuments(
  kubectl: Kubectl,
  scope: StampScope,
  release: string | null,
): Promise<ReleaseObjects | null> {
  const name = nameOf(scope, release);
  const found = await kubectl.get('read the kept manifests', 'configmap', name, '--ignore-not-found');
  if (found === null) return null;
  const packed = shape.parse(found).binaryData['objects.json.gz'] ?? '';
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as ReleaseObjects;
}

/** Forgets old stamps, and the manifests of releases that no stamp speaks of any more. */
export async function pruneKept(kubectl: Kubectl, scope: StampScope): Promise<void> {
  const stamps = await pruneStamps(kubectl, scope);
  const needed = new Set(
    stamps.flatMap(({ services, previous, release }) => [
      release,
      ...[...Object.values(services), ...Object.values(previous)].map((service) => service?.release ?? null),
    ]),
  );
  const keep = new Set([...needed].map((release) => `configmap/${nameOf(scope, release)}`));
  const selector = `--selector=${marks.documents}=${scopeOf(scope)}`;
  const listed = await kubectl.demand('list the kept manifests', [
    'get',
    'configmaps',
    selector,
    '--output=name',
  ]);
  const old = listed.split('\n').filter((name) => name !== '' && !keep.has(name));
  if (old.length > 0) await kubectl.demand('prune kept manifests', ['delete', '--ignore-not-found', ...old]);
}

function nameOf(scope: StampScope, release: string | null): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([scope.app, scope.environment, release]))
    .digest('hex');
  return `slipway-documents-${hash.slice(0, 20)}`;
}
