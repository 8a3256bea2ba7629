import type { DesiredService, Purpose, Stamp } from '@slipway/platform';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { readSavedManifests } from '../release-history/saved-manifests.ts';
import { readStamps } from '../release-history/stamps.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import { renderRelease } from '../render/render-release.ts';
import type { KubernetesTarget } from '../target.ts';

/** Where the objects of a release come from: the checkout for a deploy, the target for a restore. */
export class ReleaseSource {
  readonly #target: KubernetesTarget;
  /** By release. The checkout does not change during a job, so that rendering it once is enough. */
  readonly #rendered = new Map<string, ReleaseObjects>();

  constructor(target: KubernetesTarget) {
    this.#target = target;
  }

  /** The manifests of the checkout with the images of a release, Secrets included. */
  async render({ release, services }: Pick<Stamp, 'release' | 'services'>): Promise<ReleaseObjects> {
    const objects = await renderRelease(this.#target, services, release);
    this.#rendered.set(release, objects);
    return objects;
  }

  /** What the release that a service ran has saved on the target; null when nothing was saved. */
  saved(release: string | null): Promise<ReleaseObjects | null> {
    const { kubectl, scope } = this.#target;
    return retryWhileUnreachable(this.#target, () => readSavedManifests(kubectl, scope, release));
  }

  /** What a rollout applies, by its purpose. */
  objectsFor(desired: DesiredService, purpose: Purpose): Promise<ReleaseObjects> {
    return purpose === 'deploy' ? this.#deployed(desired) : this.#restored(desired);
  }

  /** The images of the other services come from the stamp of the release. */
  async #deployed(desired: DesiredService): Promise<ReleaseObjects> {
    const { release } = desired;
    if (release === null) return this.#fromCheckout(desired);
    const rendered = this.#rendered.get(release);
    if (rendered) return rendered;
    const { kubectl, scope } = this.#target;
    const stamps = await retryWhileUnreachable(this.#target, () => readStamps(kubectl, scope));
    const stamp = stamps.find((one) => one.release === release);
    return stamp ? this.render(stamp) : this.#fromCheckout(desired);
  }

  async #restored(desired: DesiredService): Promise<ReleaseObjects> {
    const saved = await this.saved(desired.release);
    if (saved) return saved;
    const release = desired.release === null ? 'what ran before' : `release ${desired.release}`;
    this.#target.log.warn(
      `no manifests are saved for ${release}: applying those of the checkout with its image`,
    );
    return this.#fromCheckout(desired);
  }

  #fromCheckout(desired: DesiredService): Promise<ReleaseObjects> {
    return renderRelease(this.#target, { [desired.name]: desired }, desired.release);
  }
}
