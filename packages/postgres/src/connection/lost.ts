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
/** What the driver says of a connection that is gone; it gives no code with it. */
const lostWords = /connection terminated|not queryable|client was closed|connection ended/i;

/** Whether an error says that a connection which stood is gone, and nothing about what was asked. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LostConnection) return true;
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  return lostCodes.has(code ?? '') || lostWords.test(message);
}

/** In words for people, without the driver's. */
export function describeLost(error: unknown): string {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code.startsWith('57P')) return `the server ended the connection: ${message}`;
  return lostWords.test(message) ? 'the connection was lost' : `the connection was lost (${message})`;
}

/** In words for people. What the driver said is left out: whoever prints an error prints its causes as well. */
class LostConnection extends Error {}

/** An error of the database as the cause of one of ours. */
export function causeOf(error: unknown): unknown {
  return isConnectionLost(error) ? new LostConnection(describeLost(error)) : error;
}

/**
 * Anything that was thrown while a database was being asked, as an error of ours: what is one already stays as it is.
 * @param during What was being done, e.g. `migrations/002.sql`; empty when that says nothing.
 */
export function asDatabaseError(error: unknown, during: string): UserError | Fault | Cancelled {
  if (error instanceof Fault || error instanceof UserError || error instanceof Cancelled) return error;
  const where = during === '' ? '' : `${during}: `;
  if (!isConnectionLost(error)) return new Fault(`${where}${describeError(error)}`, { cause: error });
  return new Fault(`${where}${describeLost(error)}`, {
    cause: causeOf(error),
    hint: 'See the log of the server and what is between. Run it again: it goes on where it stopped.',
  });
}
