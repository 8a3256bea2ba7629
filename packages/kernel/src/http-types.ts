import type { Readable } from 'node:stream';
import type { TransportErrorKind } from './http-errors.ts';
import type { OutsideText } from './outside-text.ts';

export interface HttpRequest {
  /** A user name and password in it are sent as basic authentication. */
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For the whole exchange: connection, request, response and body. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** A larger body is a failure. Default 1 MiB. */
  maxBodyBytes?: number;
  /**
   * `separate` (default) connects for this request alone: over a reused connection, a load balancer would lead
   * every request to the same replica. `shared` reuses connections.
   */
  connection?: 'separate' | 'shared';
  /** Offers HTTP/2 in the TLS handshake; the server chooses. */
  http2?: boolean;
  /** Connects to this Unix socket in place of the host of the URL. */
  socketPath?: string;
}

/** No answer. `ms` from the start of the connection. */
export interface HttpFailure {
  ok: false;
  kind: TransportErrorKind;
  /** Part of a sentence, such as `connection refused`. */
  error: string;
  ms: number;
}

/** Any answer, whatever its status. Header names are in lower case. */
export interface HttpAnswer {
  ok: true;
  status: number;
  headers: Record<string, string>;
  body: OutsideText;
  /** The body as it came. */
  bytes: Buffer;
  /** From the start of the connection to the last byte. */
  ms: number;
}

export type HttpReply = HttpAnswer | HttpFailure;

/** An answer whose body is still arriving. It must be read to its end or destroyed. */
export interface HttpDownload {
  ok: true;
  status: number;
  headers: Record<string, string>;
  body: Readable;
  /** Reads the body to its end. `maxBodyBytes` applies, a deadline does not. */
  read(): Promise<HttpReply>;
}

/**
 * The one HTTP client: proxies, certificate authorities, deadlines. Failures of the transport are values; redirects are
 * not followed; certificates are always verified.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpReply>;
  /** Does not wait for the body; `timeoutMs` ends with the headers, `maxBodyBytes` does not apply. */
  open(request: HttpRequest): Promise<HttpDownload | HttpFailure>;
}
