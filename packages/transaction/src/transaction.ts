import { randomUUID } from 'node:crypto';
import { type Clock, Fault, type Log, UserError } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import {
  applyEvent,
  claimReleases,
  type Decision,
  emptyState,
  encodeState,
  parseState,
  type ReleaseEvent,
  type TargetState,
} from '@slipway/release';
import { readRegister, replaceRegister } from './guarded-register.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { superseded } from './target-errors.ts';

/** Whose state is meant. */
interface TransactionScope {
  app: string;
  environment: string;
}

interface Options {
  store: Pick<StateStore, 'state' | 'now'>;
  scope: TransactionScope;
  clock: Clock;
  signal: AbortSignal;
  log: Pick<Log, 'warn'>;
}

/** Whose state it is, for a target that has those of several apps and environments. */
export function stateScope({
  config,
  environment,
}: {
  config: { app: string };
  environment: string;
}): TransactionScope {
  return { app: config.app, environment };
}

/** Reads the state of a target, without a lease. @throws UserError for a state that cannot be read; Fault; Cancelled. */
export async function readState(
  context: Parameters<typeof stateScope>[0] & Pick<Options, 'clock' | 'signal'>,
  store: Pick<StateStore, 'state'>,
): Promise<TargetState> {
  const { clock, signal } = context;
  return (await readVersioned({ store, scope: stateScope(context), clock, signal })).state;
}

async function readVersioned({
  store,
  scope,
  ...waiting
}: Pick<Options, 'scope' | 'clock' | 'signal'> & { store: Pick<StateStore, 'state'> }): Promise<{
  state: TargetState;
  version: string | null;
}> {
  const found = await readRegister(store.state, waiting);
  const { app, environment } = scope;
  const state = found ? parseState(found.text, app, environment) : emptyState(app, environment);
  return { state, version: found?.version ?? null };
}

/** The state of a target, changed by the holder of its lease only: every write carries the fencing number of the lease. */
export class Transaction {
  readonly #options: Options;
  readonly #lease: LeaseKeeper;
  #state: TargetState;

  private constructor(options: Options, lease: LeaseKeeper, state: TargetState) {
    this.#options = options;
    this.#lease = lease;
    this.#state = state;
  }

  /**
   * Writes the fencing number of the lease into the state, and its attempt into the releases of its run: from then on, what an
   * earlier holder still writes is refused.
   * @throws Fault when somebody else took the lease, or a later attempt of the run was here.
   */
  static async begin(options: Options, lease: LeaseKeeper): Promise<Transaction> {
    const transaction = new Transaction(options, lease, emptyState('', ''));
    await transaction.#change((state) => {
      for (const entry of state.unreadable)
        options.log.warn(`the state on the target has an entry that cannot be read: ${entry}`);
      const claim = claimReleases(state, lease.holder);
      if (claim.kind === 'superseded') throw superseded(claim.attempt);
      return { ...claim.state, fence: lease.fence };
    });
    return transaction;
  }

  /** As it was read or written last. */
  get state(): TargetState {
    return this.#state;
  }

  /**
   * Reports to the protocol what happened, and writes what it decides.
   * @throws Fault when somebody else took the lease, or the target does not answer; UserError when the protocol refuses.
   */
  async send(event: ReleaseEvent): Promise<Exclude<Decision, { kind: 'refused' }>> {
    const now = await this.#options.store.now();
    let decision: Decision | undefined;
    await this.#change((state) => {
      decision = applyEvent(state, event, now);
      return decision.kind === 'changed' ? decision.state : null;
    });
    if (decision === undefined || decision.kind === 'refused') throw refusal(decision, event);
    return decision;
  }

  /** Before a change to the target. @throws Fault when somebody else took the lease. */
  async assertHeld(): Promise<void> {
    await this.#change(() => null);
  }

  /** @param change null when there is nothing to write. */
  async #change(change: (state: TargetState) => TargetState | null): Promise<void> {
    for (;;) {
      await this.#lease.assertFresh();
      const { state, version } = await readVersioned(this.#options);
      if (state.fence > this.#lease.fence) throw this.#lease.lose();
      const next = change(state);
      this.#state = next ?? state;
      if (next === null) return;
      const text = encodeState({ ...next, fence: this.#lease.fence }, randomUUID());
      const { store, ...waiting } = this.#options;
      if ((await replaceRegister(store.state, text, version, waiting)) === 'replaced') return;
    }
  }
}

function refusal(decision: Extract<Decision, { kind: 'refused' }> | undefined, event: ReleaseEvent): Error {
  if (decision?.reason.kind === 'older') {
    const { proven } = decision.reason;
    return new UserError(
      `release ${proven.version} (${proven.id}) is proven on the target and newer than this one: it is not replaced by an older one`,
      { hint: 'Roll back to an older release with rollback.yml, or set "allow-downgrade: true".' },
    );
  }
  const release = decision?.reason.release;
  const found = release ? `it has release ${release.id} as "${release.phase}"` : 'it has no such release';
  return new Fault(`the state on the target does not allow "${event.kind}" now: ${found}`, {
    hint: 'Another run changed it, or steps ran in another order: preflight, db-migrate, rollout, smoke-test, watch-metrics, promote. Run the release again.',
  });
}
