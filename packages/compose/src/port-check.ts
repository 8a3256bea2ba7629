import type { Container } from './container.ts';
import type { ServiceRollout } from './partition.ts';
import type { StepFailure } from './step-result.ts';

/** Why new containers cannot get the traffic: one does not listen yet, or it cannot be seen whether it ever does. */
type ClosedPort = { state: 'waiting'; seen: string } | { state: 'failed'; failure: StepFailure };

/**
 * Asks whether the proxy could connect to the new containers, with a health check and without: a health check may ask
 * another port, or 127.0.0.1. A container that listens is not asked again until it is started again.
 */
export class PortCheck {
  readonly #rollout: ServiceRollout;
  readonly #open = new Set<string>();

  constructor(rollout: ServiceRollout) {
    this.#rollout = rollout;
  }

  /** null when all of them can be connected to. */
  async ask(containers: readonly Container[]): Promise<ClosedPort | null> {
    const { target, desired } = this.#rollout;
    for (const container of containers) {
      const started = `${container.id} ${container.startedAt}`;
      if (this.#open.has(started)) continue;
      const port = await target.proxy.portState(desired.name, container);
      if (port?.state === 'silent') return { state: 'waiting', seen: `${container.name} ${port.seen}` };
      if (port?.state === 'unknown' && container.health === null) return this.#unseen(container, port.seen);
      this.#open.add(started);
    }
    return null;
  }

  /** A rollback has to do with what there is. */
  #unseen({ name, id, startedAt }: Container, seen: string): ClosedPort | null {
    if (this.#rollout.purpose === 'restore') {
      this.#open.add(`${id} ${startedAt}`);
      return null;
    }
    return {
      state: 'failed',
      failure: {
        ok: false,
        reason: `${name} ${seen}`,
        hint: `Add a health check to the service "${this.#rollout.desired.name}" in the Compose file.`,
        details: [],
      },
    };
  }
}
