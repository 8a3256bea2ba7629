import { Fault, ProgramFailure, UserError } from '@slipway/kernel';

/** @throws Fault that says why there is no count. */
export function countFailure(error: unknown): never {
  const { message } = error as Error;
  throw new Fault(`the rows cannot be counted: ${message}`, {
    cause: error,
    hint: hintFor(message),
  });
}

/** Why there is no dump, in words that begin with what became of the database. Pure. */
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

const again = 'Mend the cause and run this again; without a backup no migration runs.';

/** That it failed is known by then: the words only choose the advice. */
function hintFor(said: string): string {
  // That it was at LOCK TABLE says nothing: it may have lacked the right, or have lost the server.
  if (/lock timeout/.test(said)) {
    return 'Another session locks a table (a migration, VACUUM FULL, an open transaction): see pg_locks, wait for it or end it, then run this again.';
  }
  if (/version mismatch/.test(said))
    return 'Install the clients of the server\'s own major version, or pin pg_dump under "programs".';
  if (/permission denied|row-level security/.test(said)) {
    return 'Let the user read everything: GRANT pg_read_all_data TO it (PostgreSQL 14 and later), and BYPASSRLS where tables have row security.';
  }
  if (/server closed the connection|terminat|could not (?:connect|receive)|connection to server/.test(said)) {
    return 'The server ended the connection: see its log, then run this again.';
  }
  return again;
}
