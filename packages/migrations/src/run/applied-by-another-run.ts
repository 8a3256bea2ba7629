import { Fault } from '@slipway/kernel';

/** A file of another run, which must not run twice. Ours has changed nothing of it. */
export class AppliedByAnotherRun extends Fault {
  constructor(file: string, cause: unknown) {
    super(`${file}: another run has applied or started it; none of it was run again`, {
      cause,
      hint: 'Re-run this job: it plans again from what the other run has left.',
    });
  }
}
