import { UserError } from '@slipway/kernel';

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
    reason: 'the database refused the user or the address it comes from',
    hint: 'Check the user, and pg_hba.conf of the server.',
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
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message = String(first) } = first as { code?: string; message?: string };
  const problem = code === undefined ? undefined : known[code];
  if (problem) return problem;
  if (/timeout|terminated/i.test(message)) return known.ETIMEDOUT as ConnectionProblem;
  if (/ssl|tls|certificate/i.test(message)) {
    return {
      reason: `no encrypted connection: ${message}`,
      hint: 'Check sslmode in the database URL, and the certificate of the server.',
    };
  }
  return {
    reason: code ? `${message} (${code})` : message,
    hint: 'Check the database URL and that the runner may reach the server.',
  };
}

/** The same as an error: the user's, since nothing was done yet. */
export function connectionError(error: unknown): UserError {
  const { reason, hint } = explainConnection(error);
  return new UserError(`the database cannot be reached: ${reason}`, { hint });
}
