import { Fault } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import * as z from 'zod';
import { kubernetesObjectSchema } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';

const title = 'manifests';

/** In place of the id of a release: what ran before the first one. */
export const preexistingRelease = 'preexisting';

const objectsSchema = z.object({
  shared: z.array(kubernetesObjectSchema),
  services: z.record(z.string(), z.array(kubernetesObjectSchema)),
});

/**
 * Saves in the namespace what a release applies, so that a rollback applies exactly that again, however the checkout has
 * changed. Secrets are never part of it: they stay as they are.
 * @param release null: what ran before the first release.
 * @throws UserError when it is more than the target can hold.
 */
export async function saveManifests(
  store: StateStore,
  release: string | null,
  objects: ReleaseObjects,
): Promise<void> {
  const shared = objects.shared.filter(({ kind }) => kind !== 'Secret');
  await store.saveDocument(release ?? preexistingRelease, title, JSON.stringify({ ...objects, shared }));
}

/** What was saved for a release; null when nothing was. @throws Fault when it cannot be read. */
export async function readSavedManifests(
  store: Pick<StateStore, 'readDocument'>,
  release: string | null,
): Promise<ReleaseObjects | null> {
  const text = await store.readDocument(release ?? preexistingRelease, title);
  if (text === null) return null;
  const parsed = objectsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Fault(`the manifests that were saved for ${describeSaved(release)} cannot be read`, {
    hint: 'They were changed by something else: apply the manifests of that release with kubectl.',
    cause: parsed.error,
  });
}

/** The release in words. */
export function describeSaved(release: string | null): string {
  return release === null ? 'what ran before Slipway' : `release ${release}`;
}
