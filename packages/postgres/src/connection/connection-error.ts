import { formatDuration, UserError } from '@slipway/kernel';

/** Why a connection to PostgreSQL failed, and what to do. Contains neither the URL nor the password. */
export interface ConnectionProblem {
  reason: string;
  hint: string;
}

/** By SQLSTATE of the server (PostgreSQL manual, appendix A) or by error code of the socket. */
const known: Record<string, ConnectionProblem> = {
  '28P01': {
    reason: 'the server rejected the password',
    hint: 'Check the user and password in the database URL.',
  },
  '28000': {
    reason: 'the server rejected the user, its address or its encryption',
    hint: 'Check the user and pg_hba.conf of the server. If the server requires TLS, add sslmode=require to the URL.',
  },
  '3D000': {
    reason: 'the server has no database with that name',
    hint: 'Check the name at the end of the database URL, or create the database.',
  },
  '53300': {
    reason: 'the server has no free connection',
    hint: "Reduce the application's connection pools, or raise max_connections.",
  },
  '57P03': {
    reason: 'the server is starting up or shutting down',
    hint: 'Wait until it accepts connections, then re-run this job.',
  },
  '55000': {
    reason: 'it is not currently accepting connections',
    hint: 'An interrupted restore may have closed it. Run mode: restore again without confirm, which reopens it; or connect to the database postgres and run ALTER DATABASE <name> ALLOW_CONNECTIONS true.',
  },
  '42501': {
    reason: 'the user is not allowed to connect to the database',
    hint: 'Run GRANT CONNECT ON DATABASE for the user.',
  },
  ECONNREFUSED: {
    reason: 'nothing listens at that address',
    hint: 'Check the host and port in the database URL, and that the server runs.',
  },
  ENOTFOUND: {
    reason: 'the host name does not resolve',
    hint: "Check the host in the database URL and the runner's DNS.",
  },
  EAI_AGAIN: {
    reason: 'the host name does not resolve',
    hint: "Check the host in the database URL and the runner's DNS.",
  },
  ETIMEDOUT: {
    reason: 'the server did not answer in time',
    hint: 'Check the port in the database URL, and the firewall and network between the runner and the server.',
  },
  '57P01': {
    reason: 'the server closed the connection',
    hint: 'Check the server log: it was shut down, or the session was terminated.',
  },
  ENOENT: {
    reason: "the server's socket does not exist",
    hint: 'Check the socket folder and the port in the database URL, and that the server runs.',
  },
  EHOSTUNREACH: {
    reason: 'the host is unreachable',
    hint: 'Check the firewall and network between the runner and the server.',
  },
  ECONNRESET: {
    reason: 'the server closed the connection',
    hint: 'Check that a PostgreSQL server listens on this port.',
  },
};

/** The reason and hint for whatever connecting threw. */
export function explainConnection(error: unknown): ConnectionProblem {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message = 'no reason given' } = (first ?? {}) as { code?: string; message?: string };
  const problem = code === undefined ? undefined : known[code];
  if (problem) return problem;
  if (/password must be a string|no password/i.test(message)) return noPassword;
  if (/terminated/i.test(message)) return known.ECONNRESET as ConnectionProblem;
  if (/timeout/i.test(message)) return known.ETIMEDOUT as ConnectionProblem;
  if (/ssl|tls|certificate|altname/i.test(`${code} ${message}`)) return encryption(message);
  return {
    reason: code ? `${message} (${code})` : message,
    hint: 'Check the database URL, and the network between the runner and the server.',
  };
}

const noPassword: ConnectionProblem = {
  reason: 'the server requires a password, and the database URL has none',
  hint: 'Add it, percent-encoded: postgresql://user:password@host:port/database.',
};

function encryption(message: string): ConnectionProblem {
  return {
    reason: `TLS failed: ${message}`,
    hint: 'Certificates are verified: name the CA with sslrootcert=<file> in the database URL. For a server without TLS, remove sslmode.',
  };
}

const prefix = 'cannot connect to the database: ';

/** The same as an error. A UserError, since nothing was changed yet. */
export function connectionError(error: unknown): UserError {
  const { reason, hint } = explainConnection(error);
  return new UserError(`${prefix}${reason}`, { hint });
}

/** The reason alone, of an error that `connect` threw. */
export function reasonOf({ message }: UserError): string {
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

/** Whether the server reported that it is starting up or shutting down. */
export function isNotReady(error: unknown): error is Error {
  return (error as { code?: string } | null)?.code === '57P03';
}

/** @param reported By the server. */
export function notReady(reported: string, waitedMs: number): UserError {
  return new UserError(`${prefix}the server was not ready after ${formatDuration(waitedMs)}: ${reported}`, {
    hint: 'Check the server log: recovery from a crash or an archive can take long, and a restore_command that hangs blocks it. Re-run this job when it accepts connections.',
  });
}
