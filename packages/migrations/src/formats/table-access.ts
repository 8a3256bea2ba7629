import { describeError, Fault, UserError } from '@slipway/kernel';
import { causeOf, describeLost, isConnectionLost } from '@slipway/postgres';

/** The error of reading the version table: the user's when it is about privileges. */
export function readError(error: unknown, table: string): UserError | Fault {
  if ((error as { code?: string }).code === '42501') {
    return new UserError(`the database user may not read ${table}`, {
      cause: error,
      hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
    });
  }
  return new Fault(
    `${table} cannot be read: ${isConnectionLost(error) ? describeLost(error) : describeError(error)}`,
    { cause: causeOf(error) },
  );
}
