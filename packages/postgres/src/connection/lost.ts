import { Cancelled, describeError, Fault, UserError } from '@slipway/kernel';

const lostCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P01',
  '57P02',
]);
/** The driver's messages for a closed connection; they come without a code. */
const lostWords = /connection terminated|not queryable|client was closed|connection ended/i;

/** Whether an error means that an established connection is gone, and nothing about the statement. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LostConnection) return true;
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  return lostCodes.has(code ?? '') || lostWords.test(message);
}

/** A lost connection as a sentence, without the driver's words. */
export function describeLost(error: unknown): string {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code.startsWith('57P')) return `the server closed the connection: ${message}`;
  return lostWords.test(message) ? 'the connection was lost' : `the connection was lost (${message})`;
}

/** Takes the place of the driver's error as a cause, because whoever prints an error prints its causes as well. */
class LostConnection extends Error {}

/** An error of the database as the cause of a Slipway error. */
export function causeOf(error: unknown): unknown {
  return isConnectionLost(error) ? new LostConnection(describeLost(error)) : error;
}

/**
 * Turns whatever a query threw into a Slipway error. A Slipway error stays as it is.
 * @param during What was being done, e.g. `migrations/002.sql`; empty when that adds nothing.
 */
export function asDatabaseError(error: unknown, during: string): UserError | Fault | Cancelled {
  if (error instanceof Fault || error instanceof UserError || error instanceof Cancelled) return error;
  const prefix = during === '' ? '' : `${during}: `;
  const cause = causeOf(error);
  if (!isConnectionLost(error)) return new Fault(`${prefix}${describeError(error)}`, { cause });
  return new Fault(`${prefix}${describeLost(error)}`, {
    cause,
    hint: 'Check the server log and the network path to it. Re-run this job: it continues where it stopped.',
  });
}
