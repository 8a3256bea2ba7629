import { formatDuration, UserError } from '@slipway/kernel';

/** Why a connection to PostgreSQL failed, and what to do. Holds neither the URL nor the password. */
export interface ConnectionProblem {
  reason: string;
  hint: string;
}

/** By SQLSTATE of the server (PostgreSQL manual, appendix A) or by error code of the socket. */
const known: Record<string, ConnectionProblem> = {
  '28P01': {
    reason: 'the database refused the password',
    hint: 'Check user and password in the database URL.',
  },
  '28000': {
    reason: 'the database refused the user, or the address or encryption it comes with',
    hint: 'Check the user and pg_hba.conf of the server; a server that demands TLS needs sslmode=require in the URL.',
  },
  '3D000': {
    reason: 'the server has no database of that name',
    hint: 'Check the name at the end of the database URL, or create the database.',
  },
  '53300': {
    reason: 'the server has no connection left',
    hint: 'Lower the pools of the application, or raise max_connections.',
  },
  '57P03': {
    reason: 'the server is starting up or shutting down',
    hint: 'Wait until it accepts connections, then run this again.',
  },
  '55000': {
    reason: 'it is not currently accepting connections',
    hint: 'A restore that was ended in the middle may have closed it: run mode restore again without confirm, which opens it, or, connected to postgres, ALTER DATABASE <name> ALLOW_CONNECTIONS true.',
  },
  '42501': { reason: 'the user may not connect to the database', hint: 'GRANT CONNECT ON DATABASE to it.' },
  ECONNREFUSED: {
    reason: 'nothing listens at the address',
    hint: 'Check host and port, and that the server runs.',
  },
  ENOTFOUND: {
    reason: 'the host name could not be resolved',
    hint: 'Check the host in the database URL, and that the runner may resolve it.',
  },
  EAI_AGAIN: {
    reason: 'the host name could not be resolved',
    hint: 'Check the host in the database URL, and that the runner may resolve it.',
  },
  ETIMEDOUT: {
    reason: 'the server did not answer in time',
    hint: 'Check that the runner may reach it: firewall, network, port.',
  },
  '57P01': {
    reason: 'the server ended the connection',
    hint: 'See the log of the server: it was shut down, or somebody ended the session.',
  },
  ENOENT: {
    reason: 'the socket of the server is not there',
    hint: 'Check the folder of the socket and the port in the database URL, and that the server runs.',
  },
  EHOSTUNREACH: {
    reason: 'the host cannot be reached',
    hint: 'Check that the runner may reach it: firewall, network.',
  },
  ECONNRESET: {
    reason: 'the server closed the connection',
    hint: 'Check that this is the port of a PostgreSQL server.',
  },
};

/** The sentence for whatever connecting threw. */
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
    hint: 'Check the database URL and that the runner may reach the server.',
  };
}

const noPassword: ConnectionProblem = {
  reason: 'the server asks for a password, and the database URL has none',
  hint: 'Write it as postgresql://user:password@host:port/database, percent-encoded.',
};

function encryption(message: string): ConnectionProblem {
  return {
    reason: `there is no encrypted connection: ${message}`,
    hint: 'Certificates are verified: name the authority by sslrootcert=<file> in the database URL. For a server without TLS leave sslmode out.',
  };
}

/** The same as an error: the user's, since nothing was done yet. */
export function connectionError(error: unknown): UserError {
  const { reason, hint } = explainConnection(error);
  return new UserError(`the database cannot be reached: ${reason}`, { hint });
}

/** Whether the server is there and takes no connections yet, or none any more: it is starting up or shutting down. */
export function isNotReady(error: unknown): error is Error {
  return (error as { code?: string } | null)?.code === '57P03';
}

/** @param said By the server. @param waited Milliseconds. */
export function notReady(said: string, waited: number): UserError {
  return new UserError(
    `the database cannot be reached: the server was not ready within ${formatDuration(waited)}: ${said}`,
    {
      hint: 'See the log of the server: it recovers from a crash or from an archive, which may take long, and a restore_command that hangs holds it up. Run this again when it takes connections.',
    },
  );
}
