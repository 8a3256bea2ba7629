import { Fault, UserError } from '@slipway/kernel';
import { TargetLocked, TargetOvertaken, TargetUnreachable } from '@slipway/transaction';

/** How a rollback ended, in the output `reason`. */
export type Reason =
  | 'rolled-back'
  | 'nothing-to-do'
  | 'refused'
  | 'half-way'
  | 'target-unreachable'
  | 'locked';

/** How far a rollback has come, for what is said when it is stopped by an error. */
export interface Progress {
  /** The target has it written that services are being restored. */
  begun: boolean;
}

/** Why a rollback that threw has ended; empty for a bug and a cancellation before anything was changed. Pure. */
export function reasonOf(error: unknown, { begun }: Progress): Reason | '' {
  if (begun) return 'half-way';
  if (error instanceof TargetLocked || error instanceof TargetOvertaken) return 'locked';
  if (error instanceof TargetUnreachable) return 'target-unreachable';
  if (error instanceof UserError) return 'refused';
  // Until services are restored there are only questions to the target that can fail.
  return error instanceof Fault ? 'target-unreachable' : '';
}
