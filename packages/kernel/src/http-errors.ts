import { types } from 'node:util';

/** Why a request got no answer. */
export type TransportErrorKind =
  | 'name'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'aborted'
  | 'tls'
  | 'proxy'
  | 'too-large'
  | 'request'
  | 'other';

export interface TransportError {
  kind: TransportErrorKind;
  /** Part of a sentence, such as `connection refused`. */
  error: string;
}

const known: Record<string, TransportError> = {
  ECONNREFUSED: { kind: 'refused', error: 'connection refused' },
  ECONNRESET: { kind: 'reset', error: 'connection reset before the answer was complete' },
  EPIPE: { kind: 'reset', error: 'connection reset before the answer was complete' },
  UND_ERR_SOCKET: { kind: 'reset', error: 'connection reset before the answer was complete' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    kind: 'reset',
    error: 'connection closed before the answer was complete',
  },
  ENOTFOUND: { kind: 'name', error: 'host name not found' },
  EAI_AGAIN: { kind: 'other', error: 'host name could not be resolved' },
  ETIMEDOUT: { kind: 'timeout', error: 'connection timed out' },
  UND_ERR_CONNECT_TIMEOUT: { kind: 'timeout', error: 'connection timed out' },
  EHOSTUNREACH: { kind: 'refused', error: 'host unreachable' },
  ENETUNREACH: { kind: 'refused', error: 'network unreachable' },
  ENOENT: { kind: 'refused', error: 'there is no such socket' },
};

/** OpenSSL's codes for certificates that prove nothing. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
const refusal = /^Proxy (?:response|Authentication Required) \((\d+)\)/;

/** What a thrown error of the transport means. Pure. */
export function describeTransport(thrown: unknown): TransportError {
  if (!types.isNativeError(thrown)) return { kind: 'other', error: String(thrown) };
  if (thrown instanceof TransportFailure) return thrown.details;
  const code = codeOf(thrown);
  const sentence = known[code];
  if (sentence) return sentence;
  const answered = refusal.exec(thrown.message)?.[1];
  if (answered) return refusedByProxy(Number(answered));
  if (code.startsWith('HPE_')) return { kind: 'other', error: `the answer is not HTTP: ${thrown.message}` };
  if (certificate.test(code)) return { kind: 'tls', error: `certificate not trusted: ${thrown.message}` };
  if (/^ERR_(SSL|TLS)_/.test(code)) return { kind: 'tls', error: `TLS handshake failed: ${thrown.message}` };
  if (code === 'UND_ERR_INVALID_ARG') return { kind: 'request', error: thrown.message };
  if (thrown.cause !== undefined) return describeTransport(thrown.cause);
  return { kind: 'other', error: thrown.message || code || 'request failed' };
}

/** What a proxy means by its status. */
export function refusedByProxy(status: number): TransportError {
  const why = status === 407 ? ' (it requires a user name and password)' : '';
  return { kind: 'proxy', error: `the proxy answered ${status}${why}` };
}

/** A failure that is described already. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';
  readonly details: TransportError;

  constructor(details: TransportError) {
    super(details.error);
    this.details = details;
  }
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : '';
}
