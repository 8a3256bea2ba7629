import { type ErrorDetails, Fault, UserError } from '@slipway/kernel';
import type { LeaseHolder } from '@slipway/release';

/** Somebody else holds the lease. Its message names the run. */
export class TargetLocked extends UserError {
  /** null when many take it at this moment. */
  readonly holder: LeaseHolder | null;

  constructor(message: string, { holder, ...details }: ErrorDetails & { holder: LeaseHolder | null }) {
    super(message, details);
    this.holder = holder;
  }
}

/** The target does not answer, before anything was read from it. */
export class TargetUnreachable extends UserError {}

/** Another run took the lease while this one held it. */
export class TargetOvertaken extends Fault {}

/** @param later The attempt of this run that works on the target. */
export function superseded(later: string): TargetOvertaken {
  return new TargetOvertaken(
    `attempt ${later} of this run works on the target: this attempt changes nothing more`,
    { hint: 'Look at the latest attempt of the run.' },
  );
}
