import { describeError, Fault, UserError } from '@slipway/kernel';
import type { DesiredService, SavedRelease, StateStore } from '@slipway/platform';
import { clusterWideCustom } from '../cluster/custom-scopes.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { describeSaved, readSavedManifests, saveManifests } from '../release-history/saved-manifests.ts';
import { assertRuns, trustedObjects } from '../release-history/trusted-objects.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { renderRelease } from '../render/render-release.ts';
import type { KubernetesTarget } from '../target.ts';

/** Where the objects of a release come from: the checkout for a deploy, the target for a restore. */
export class ReleaseSource {
  readonly #target: KubernetesTarget;
  readonly #store: StateStore;
  /** By release. The checkout does not change during a job, so that rendering it once is enough. */
  readonly #rendered = new Map<string, ReleaseObjects>();
  /** By release, as it was read. */
  readonly #saved = new Map<string | null, ReleaseObjects>();

  constructor(target: KubernetesTarget, store: StateStore) {
    this.#target = target;
    this.#store = store;
  }

  /** The manifests of the checkout with the images of a release, Secrets included. */
  async render({ release, services }: Pick<SavedRelease, 'release' | 'services'>): Promise<ReleaseObjects> {
    const objects = await renderRelease(this.#target, services, release);
    this.#rendered.set(release, objects);
    return objects;
  }

  /**
   * What the release that a service ran has saved on the target; null when nothing was saved.
   * @throws UserError or Fault when it is not what Slipway saves.
   */
  async saved(release: string | null): Promise<ReleaseObjects | null> {
    const known = this.#saved.get(release);
    if (known) return known;
    const saved = await readSavedManifests(this.#store, release);
    if (!saved) return null;
    const { kubectl } = this.#target;
    const custom = await retryWhileUnreachable(this.#target, () => clusterWideCustom(kubectl, saved.shared));
    const trusted = trustedObjects(saved, release, { namespace: kubectl.namespace, custom });
    this.#saved.set(release, trusted);
    return trusted;
  }

  /** The same, and null with a warning for what somebody has damaged: it keeps nothing from being observed or replaced. */
  async readable(release: string | null): Promise<ReleaseObjects | null> {
    try {
      return await this.saved(release);
    } catch (error) {
      if (!(error instanceof UserError || error instanceof Fault)) throw error;
      this.#target.log.warn(describeError(error));
      return null;
    }
  }

  /** Saves what a release applies, or what was found. @throws UserError when it is more than the target can hold. */
  async save(release: string | null, objects: ReleaseObjects): Promise<void> {
    await saveManifests(this.#store, release, objects);
    this.#saved.delete(release);
  }

  /** What a deploy of a service applies. */
  async deployed(desired: DesiredService): Promise<ReleaseObjects> {
    const { name, release } = desired;
    return this.#rendered.get(release ?? '') ?? renderRelease(this.#target, { [name]: desired }, release);
  }

  /**
   * What a restore of a service applies: its own workloads, and what belongs to no service as the release that serves again
   * had it. A service that this release did not have comes from another one, whose Services and routes are older or newer.
   * @param to null: what ran before.
   * @throws UserError when nothing is saved of what is restored, or not what it ran.
   */
  async restored(desired: DesiredService, to: string | null): Promise<ReleaseObjects> {
    const { name, release } = desired;
    const saved = await this.saved(release);
    if (!saved)
      throw new UserError(
        `${name} cannot be restored: no manifests are saved on the target for ${describeSaved(release)}`,
        { hint: 'Apply the manifests of that release with kubectl, or deploy it again.' },
      );
    assertRuns(saved, desired);
    const whole = to === null || to === release ? null : await this.saved(to);
    return whole ? { ...saved, shared: whole.shared, outside: whole.outside ?? [] } : saved;
  }
}
