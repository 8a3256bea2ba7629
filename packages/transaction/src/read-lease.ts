import { UserError } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import { type Lease, parseLease } from '@slipway/release';
import { readRegister } from './guarded-register.ts';

/**
 * Reads the lease of a target without taking it; null when nobody ever took it.
 * @throws UserError when it was changed by something else; Fault when the target does not answer; Cancelled.
 */
export async function readLease(
  store: StateStore,
  waiting: Parameters<typeof readRegister>[1],
): Promise<Lease | null> {
  const found = await readRegister(store.lease, waiting);
  const lease = found && parseLease(found.text);
  if (found && !lease)
    throw new UserError(
      'the lease on the target cannot be read: it protects nothing, and the next run replaces it',
    );
  return lease;
}
