import { Fault, ProgramFailure, UserError } from '@slipway/kernel';

/** @throws Fault with the reason. */
export function countFailure(error: unknown): never {
  const { message } = error as Error;
  throw new Fault(`cannot count the rows: ${message}`, {
    cause: error,
    hint: hintFor(message),
  });
}

/** The reason for a missing dump, after the state of the database. Pure. */
export function dumpFailure(reason: unknown): Fault | UserError {
  const about = 'the backup failed, and nothing was changed';
  if (reason instanceof UserError) return reason;
  if (reason instanceof Fault) {
    return new Fault(`${about}: ${reason.message}`, { cause: reason, hint: reason.hint ?? again });
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return new Fault(`${about}: ${message}`, {
    cause: reason,
    hint: reason instanceof ProgramFailure ? hintFor(reason.stderr.data) : again,
  });
}

const again = 'Fix the cause and re-run this job. No migration runs without a backup.';

/** The exit code has decided that it failed: the words only choose the advice. */
function hintFor(said: string): string {
  // LOCK TABLE in the message proves nothing: the right or the connection may have been missing.
  if (/lock timeout/.test(said)) {
    return 'Another session locks a table (a migration, VACUUM FULL, an open transaction). Find it in pg_locks, wait for it or terminate it, then re-run this job.';
  }
  if (/version mismatch/.test(said))
    return 'Install the PostgreSQL clients of the server\'s major version, or pin pg_dump under "programs".';
  if (/permission denied|row-level security/.test(said)) {
    return 'Let the user read everything: GRANT pg_read_all_data (PostgreSQL 14 and later), and BYPASSRLS where tables have row security.';
  }
  if (/server closed the connection|terminat|could not (?:connect|receive)|connection to server/.test(said)) {
    return 'The server closed the connection. Check the server log, then re-run this job.';
  }
  return again;
}
