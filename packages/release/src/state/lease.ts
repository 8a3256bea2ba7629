import * as z from 'zod';
import { isLaterAttempt } from './attempt.ts';

/** How long a lease lives after it was taken or renewed. */
export const leaseDurationMs = 120_000;
/** How often its holder renews it while an action runs. */
export const leaseRenewalMs = 20_000;
/** A holder that has not renewed it for this long is not at work any more, or cannot reach the target. */
export const silentAfterMs = 30_000;

/** Who holds the lease. */
export type LeaseHolder = z.infer<typeof holderSchema>;

const holderSchema = z.object({
  /** Id of the workflow run. Its jobs and attempts take the lease from each other, the steps of one job without waiting. */
  run: z.string().max(300),
  attempt: z.string().max(20),
  /** The job of the workflow; empty when that is not known. */
  job: z.string().max(200).default(''),
  /** The runner of the job, which distinguishes the jobs of a matrix; empty when that is not known. */
  runner: z.string().max(300).default(''),
  actor: z.string().max(200),
  url: z.string().max(500),
});

const leaseSchema = z.object({
  schema: z.literal(1),
  /** One higher each time that the lease is taken. */
  fence: z.int().nonnegative(),
  /** null: it is free. */
  holder: holderSchema.nullable(),
  /** By the clock of the target. */
  since: z.iso.datetime(),
  renewedAt: z.iso.datetime(),
  /** Between two steps: its holder changes nothing before it takes it again. */
  idle: z.boolean().default(false),
  /** A random value of the writer, by which it knows its own write again when the reply was lost. */
  writer: z.string().max(100),
});

/** Who may change the target, until when. Its text is untrusted: see `parseLease`. */
export type Lease = z.infer<typeof leaseSchema>;

export type LeaseDecision =
  | { kind: 'taken'; lease: Lease; overtaken: LeaseHolder | null }
  | { kind: 'locked'; holder: LeaseHolder; since: Date; expiresAt: Date }
  /** A later attempt of the same run has it, or had it last: this one never gets it again. */
  | { kind: 'superseded'; holder: LeaseHolder };

/** null for text that is not a lease: it protects nothing, and the next holder replaces it. */
export function parseLease(text: string): Lease | null {
  try {
    return leaseSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function encodeLease(lease: Lease): string {
  return JSON.stringify(lease);
}

/** Who asks for a lease. */
export interface LeaseClaim {
  holder: LeaseHolder;
  /** By the clock of the target. */
  now: Date;
  /** The fencing number in the state: a lease that was lost starts above it. */
  fence: number;
  writer: string;
  /** Takes it from whoever holds it. */
  takeOver: boolean;
  /** A holder whose run is over, as GitHub says. */
  over?: LeaseHolder | null;
}

/**
 * Takes the lease when it is free, expired, held by the same job, or when `takeOver` says so. From another job or attempt of
 * the run, and from a run that is over, it is taken while nobody works under it: a machine that GitHub took for lost may
 * still be at work. Never from a later attempt of the run. Pure.
 */
export function takeLease(current: Lease | null, claim: LeaseClaim): LeaseDecision {
  const { holder, now, writer } = claim;
  const held = current?.holder ? { ...current, holder: current.holder } : null;
  if (held && isLaterAttempt(held.holder, holder)) return { kind: 'superseded', holder: held.holder };
  if (held && !mayTake(held, claim))
    return {
      kind: 'locked',
      holder: held.holder,
      since: new Date(held.since),
      expiresAt: new Date(Date.parse(held.renewedAt) + leaseDurationMs),
    };
  const isOwn = held?.holder.run === holder.run;
  const at = now.toISOString();
  const fence = Math.max(current?.fence ?? 0, claim.fence) + 1;
  const since = isOwn ? held.since : at;
  const lease: Lease = { schema: 1, fence, holder, since, renewedAt: at, idle: false, writer };
  return { kind: 'taken', lease, overtaken: held && !isOwn ? held.holder : null };
}

function mayTake(
  held: Lease & { holder: LeaseHolder },
  { holder, now, takeOver, over }: LeaseClaim,
): boolean {
  if (takeOver || isSameJob(held.holder, holder)) return true;
  // Times in the future, because somebody altered them or the clock was set back, are not believed any longer either.
  const silentMs = Math.abs(now.getTime() - Date.parse(held.renewedAt));
  const isOver = held.holder.run === holder.run || (over && isSameJob(held.holder, over));
  if (!isOver) return silentMs >= leaseDurationMs;
  return held.idle || silentMs >= silentAfterMs;
}

/** The jobs of a matrix, and those of a workflow that is called twice, have one name, but never one runner at a time. */
function isSameJob(one: LeaseHolder, other: LeaseHolder): boolean {
  const isSameAttempt = one.run === other.run && one.attempt === other.attempt;
  return isSameAttempt && one.job === other.job && one.runner === other.runner;
}

/** The lease with another two minutes; null when somebody else has taken it. */
export function renewLease(current: Lease | null, fence: number, now: Date, writer: string): Lease | null {
  if (current?.fence !== fence || current.holder === null) return null;
  return { ...current, renewedAt: now.toISOString(), writer };
}

/** The lease retained for the next step of the job; null when somebody else has taken it. */
export function retainLease(current: Lease | null, fence: number, now: Date, writer: string): Lease | null {
  const renewed = renewLease(current, fence, now, writer);
  return renewed && { ...renewed, idle: true };
}

/** The lease given back; null when somebody else has taken it. */
export function freeLease(current: Lease | null, fence: number, now: Date, writer: string): Lease | null {
  const renewed = renewLease(current, fence, now, writer);
  return renewed && { ...renewed, holder: null };
}
