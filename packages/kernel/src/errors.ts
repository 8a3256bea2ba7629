import type { OutsideText } from './outside-text.ts';

/** What every error of Slipway carries in addition to its sentence. */
export interface ErrorDetails {
  /** The next step for the reader, one sentence. */
  hint?: string;
  /** What was underneath. */
  cause?: unknown;
  /** Lines that show more than the sentence: the end of a log, findings with their locations. */
  details?: readonly (string | OutsideText)[];
}

/**
 * The caller can fix it: a wrong key, an unset variable, a missing file, a program that is not installed.
 * Thrown before anything was changed; the action's outcome is `refused`.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly hint: string | undefined;
  readonly details: readonly (string | OutsideText)[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.hint = details.hint;
    this.details = details.details ?? [];
  }
}

/** A failure of Slipway or of its environment: an unreachable server, a failed command, a broken release. Outcome `failed`. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly hint: string | undefined;
  readonly details: readonly (string | OutsideText)[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.hint = details.hint;
    this.details = details.details ?? [];
  }
}

/** The run was cancelled, or the process was asked to terminate. Polls and child processes throw it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor(during: string) {
    super(`cancelled during ${during}`);
  }
}

/** The message of anything that was thrown, with the chain of causes that says more than the message does. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || (error as NodeJS.ErrnoException).code || error.name;
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  const cause = error.cause === undefined ? '' : describeError(error.cause);
  return cause === '' || message.includes(cause) ? message : `${message}: ${cause}`;
}
