import { Fault } from '@slipway/kernel';

/** A file of another run, which must not run twice. Ours has changed nothing of it. */
export class AppliedByAnotherRun extends Fault {
  constructor(file: string, cause: unknown) {
    super(`${file}: another run has applied or begun it meanwhile; nothing of it was run again`, {
      cause,
      hint: 'Run it again: it plans anew from what the other run has left.',
    });
  }
}
