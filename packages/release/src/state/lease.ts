import * as z from 'zod';

/** How long a lease lives after it was taken or renewed. */
export const leaseDurationMs = 120_000;
/** How often its holder renews it while an action runs. */
export const leaseRenewalMs = 20_000;

/** Who holds the lease. */
export type LeaseHolder = z.infer<typeof holderSchema>;

const holderSchema = z.strictObject({
  /** Id of the workflow run: steps and jobs of one run hold the lease together, and a later attempt takes over. */
  run: z.string().max(300),
  attempt: z.string().max(20),
  actor: z.string().max(200),
  url: z.string().max(500),
});

const leaseSchema = z.strictObject({
  schema: z.literal(1),
  /** One higher each time that the lease is taken. */
  fence: z.int().nonnegative(),
  /** null: it is free. */
  holder: holderSchema.nullable(),
  /** By the clock of the target. */
  since: z.iso.datetime(),
  renewedAt: z.iso.datetime(),
  /** A random value of the writer, by which it knows its own write again when the reply was lost. */
  writer: z.string().max(100),
});

/** Who may change the target, until when. Its text is untrusted: see `parseLease`. */
export type Lease = z.infer<typeof leaseSchema>;

export type LeaseDecision =
  | { kind: 'taken'; lease: Lease; overtaken: LeaseHolder | null }
  | { kind: 'locked'; holder: LeaseHolder; since: Date; expiresAt: Date };

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

/**
 * Takes the lease when it is free, expired, held by the same run, or when `takeOver` says so. Pure.
 * @param fence The fencing number in the state: a lease that was lost starts above it.
 * @param now By the clock of the target.
 */
export function takeLease(
  current: Lease | null,
  request: { holder: LeaseHolder; now: Date; fence: number; writer: string; takeOver: boolean },
): LeaseDecision {
  const { holder, now, writer } = request;
  const held = current?.holder ? { ...current, holder: current.holder } : null;
  const isOwn = held?.holder.run === holder.run;
  if (held && !isOwn && !request.takeOver && !isExpired(held, now))
    return {
      kind: 'locked',
      holder: held.holder,
      since: new Date(held.since),
      expiresAt: new Date(Date.parse(held.renewedAt) + leaseDurationMs),
    };
  const at = now.toISOString();
  const fence = Math.max(current?.fence ?? 0, request.fence) + 1;
  const since = isOwn ? held.since : at;
  const lease: Lease = { schema: 1, fence, holder, since, renewedAt: at, writer };
  return { kind: 'taken', lease, overtaken: held && !isOwn ? held.holder : null };
}

/** The lease with another two minutes; null when somebody else has taken it. */
export function renewLease(current: Lease | null, fence: number, now: Date, writer: string): Lease | null {
  if (current?.fence !== fence || current.holder === null) return null;
  return { ...current, renewedAt: now.toISOString(), writer };
}

/** The lease given back; null when somebody else has taken it. */
export function freeLease(current: Lease | null, fence: number, now: Date, writer: string): Lease | null {
  const renewed = renewLease(current, fence, now, writer);
  return renewed && { ...renewed, holder: null };
}

/** A lease whose times lie in the future, because somebody altered it or the clock was set back, is not believed longer than its life. */
function isExpired({ renewedAt }: Lease, now: Date): boolean {
  return Math.abs(now.getTime() - Date.parse(renewedAt)) >= leaseDurationMs;
}
