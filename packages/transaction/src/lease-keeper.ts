import { randomUUID } from 'node:crypto';
import { type Clock, describeError, Fault, formatDuration, type Log, poll } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import {
  encodeLease,
  freeLease,
  type Lease,
  type LeaseDecision,
  type LeaseHolder,
  leaseDurationMs,
  leaseRenewalMs,
  parseLease,
  renewLease,
  retainLease,
  takeLease,
} from '@slipway/release';
import { readRegister, replaceRegister } from './guarded-register.ts';
import type { IsRunOver } from './run-over.ts';
import { superseded, TargetLocked, TargetOvertaken } from './target-errors.ts';

/** A holder that has not renewed for this long does nothing more: the lease may expire before it is done. */
const staleAfterMs = leaseDurationMs - leaseRenewalMs;

/** Spread out, so that many that wait do not ask at the same moment. */
const pollIntervalMs = (): number => 3000 + Math.random() * 4000;

export interface LeaseRequest {
  store: Pick<StateStore, 'lease' | 'now'>;
  holder: LeaseHolder;
  /** The fencing number in the state. */
  fence: number;
  /** Takes the lease from whoever holds it. */
  takeOver: boolean;
  /** Asked about a holder that is in the way. */
  isRunOver: IsRunOver;
  /** How long to wait for another holder. */
  waitMs: number;
  clock: Clock;
  signal: AbortSignal;
  log: Pick<Log, 'info'>;
}

/**
 * Takes the lease of a target, waiting a while for another holder whose run is not over. @throws TargetLocked that names the holder;
 * TargetOvertaken when a later attempt of the same run has it; Fault when the target does not answer; Cancelled.
 */
export async function acquireLease(request: LeaseRequest): Promise<LeaseKeeper> {
  const { clock, signal, waitMs, log } = request;
  const wait = {
    clock,
    signal,
    intervalMs: pollIntervalMs,
    timeoutMs: waitMs,
    during: 'waiting for the lease',
  };
  let announced = '';
  let locked: Extract<LeaseDecision, { kind: 'locked' }> | undefined;
  const taken = await poll(wait, async () => {
    const decision = await takeOrAsk(request);
    if (decision === null) return { done: false, seen: 'somebody else was faster' };
    if (decision.kind === 'taken') return { done: true, value: decision.lease };
    if (decision.kind === 'superseded') throw superseded(decision.holder.attempt);
    locked = decision;
    const seen = describeHolder(decision.holder);
    if (waitMs > 0 && seen !== announced) log.info(`waiting for the lease of the target: ${seen} holds it`);
    announced = seen;
    return { done: false, seen };
  });
  if (taken.ok) return new LeaseKeeper(request, taken.value);
  throw locked
    ? lockedError(locked, request.holder.run)
    : new TargetLocked('many releases take the lease of the target at this moment', {
        holder: null,
        hint: 'Re-run this job.',
      });
}

/** Takes the lease of a holder whose run is over, too. @returns null when somebody else wrote first. */
async function takeOrAsk(request: LeaseRequest): Promise<LeaseDecision | null> {
  const decision = await tryToTake(request, null);
  if (decision?.kind !== 'locked' || !(await request.isRunOver(decision.holder))) return decision;
  const again = await tryToTake(request, decision.holder);
  if (again?.kind === 'taken')
    request.log.info(`took the lease of the target: ${describeHolder(decision.holder)}, is over`);
  return again;
}

/** @param over The holder that is known to be over. @returns null when somebody else wrote first. */
async function tryToTake(
  { store, ...request }: LeaseRequest,
  over: LeaseHolder | null,
): Promise<LeaseDecision | null> {
  const found = await readRegister(store.lease, request);
  const lease = found && parseLease(found.text);
  const now = await store.now();
  const decision = takeLease(lease, { ...request, over, now, writer: randomUUID() });
  if (decision.kind !== 'taken') return decision;
  const text = encodeLease(decision.lease);
  const { clock, signal } = request;
  const summary = describeHolder(request.holder);
  const write = { clock, signal, summary };
  const result = await replaceRegister(store.lease, text, found?.version ?? null, write);
  return result === 'replaced' ? decision : null;
}

function lockedError(
  { holder, since, expiresAt }: Extract<LeaseDecision, { kind: 'locked' }>,
  run: string,
): TargetLocked {
  const url = holder.url === '' ? '' : ` (${holder.url})`;
  return new TargetLocked(
    `the target is locked by ${describeHolder(holder)}${url} since ${timeOf(since)}; the lease expires at ${timeOf(expiresAt)} unless it is renewed`,
    {
      holder,
      hint:
        holder.run === run
          ? 'Another job of this run works on the target: let this job need it, or re-run this job when it is over.'
          : 'Wait until that run is over and re-run this job. If it is over, and its machine still renews the lease, stop that machine, or start rollback.yml with "take-over: true".',
    },
  );
}

function describeHolder({ run, attempt, job, actor }: LeaseHolder): string {
  const ofJob = job === '' ? '' : `, job ${job}`;
  return `run ${run}, attempt ${attempt}${ofJob}${actor === '' ? '' : `, started by ${actor}`}`;
}

function timeOf(date: Date): string {
  return `${date.toISOString().slice(11, 19)} UTC`;
}

/** Holds a lease: renews it while an action runs, and aborts `overtaken` when somebody else took it. */
export class LeaseKeeper {
  readonly #request: LeaseRequest;
  readonly #overtaken = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly fence: number;
  #renewing: Promise<void> = Promise.resolve();
  #renewedAt: number;

  constructor(request: LeaseRequest, lease: Lease) {
    this.#request = request;
    this.fence = lease.fence;
    this.#renewedAt = request.clock.monotonic();
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew();
    }, leaseRenewalMs);
    this.#timer.unref();
  }

  get holder(): LeaseHolder {
    return this.#request.holder;
  }

  /** Aborts when the lease is lost, or may be; its reason says which. */
  get overtaken(): AbortSignal {
    return this.#overtaken.signal;
  }

  /** Says that somebody else holds the lease now. */
  lose(): Fault {
    return this.#stop(
      new TargetOvertaken('another run has taken over the target: this one stopped before its next change', {
        hint: 'The job summary of the other run says what serves. Re-run this job when it is over.',
      }),
    );
  }

  /** Nothing more is changed: the lease is lost, or may be. */
  #stop(error: Fault): Fault {
    if (!this.#overtaken.signal.aborted) this.#overtaken.abort(error);
    return error;
  }

  /** Before a change: a lease that may have expired is renewed first. @throws Fault when it is lost. */
  async assertFresh(): Promise<void> {
    await this.#renewing;
    if (this.#isStale()) await this.#renew();
    if (this.#overtaken.signal.aborted) throw this.#overtaken.signal.reason;
  }

  #isStale(): boolean {
    return this.#request.clock.monotonic() - this.#renewedAt >= staleAfterMs;
  }

  /** Stops renewing. The lease is freed, or lives on for the next step of the run. */
  async end(how: 'free' | 'hold'): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    if (this.#overtaken.signal.aborted) return;
    await this.#write(how === 'free' ? freeLease : retainLease);
  }

  async #renew(): Promise<void> {
    const begun = this.#request.clock.monotonic();
    try {
      await this.#write(renewLease);
      this.#renewedAt = begun;
    } catch (error) {
      if (!this.#isStale()) return;
      this.#stop(
        new Fault(
          `the lease of the target could not be renewed for ${formatDuration(staleAfterMs)}, and another run may take it: this one stopped before its next change: ${describeError(error)}`,
          { hint: 'See whether the target answers, then re-run this job: it continues where it stopped.' },
        ),
      );
    }
  }

  async #write(change: typeof renewLease): Promise<void> {
    const { store } = this.#request;
    for (;;) {
      const found = await readRegister(store.lease, this.#request);
      const lease = change(found && parseLease(found.text), this.fence, await store.now(), randomUUID());
      if (lease === null) {
        this.lose();
        return;
      }
      const text = encodeLease(lease);
      const { clock, signal } = this.#request;
      const write = { clock, signal, summary: lease.holder ? describeHolder(lease.holder) : '' };
      if ((await replaceRegister(store.lease, text, found?.version ?? null, write)) === 'replaced') return;
    }
  }
}
