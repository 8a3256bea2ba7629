import { Fault, UserError } from '@slipway/kernel';

/** Another run holds the lease. Its message names the run. */
export class TargetLocked extends UserError {}

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
