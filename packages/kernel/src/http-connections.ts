import type { Dispatcher } from 'undici';
import { type Environment, type HttpProxy, proxyFor } from './http-proxy.ts';
import type { Redactor } from './redact.ts';

export interface HttpOptions {
  /** The environment of the step: HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read from it. */
  env: Environment;
  /** Certificate authorities to trust in addition to those of Node, each as PEM text. */
  ca?: readonly string[];
  /** Knows the secrets that a body must not show. */
  redactor: Redactor;
}

export interface Route {
  url: URL;
  socketPath?: string | undefined;
  http2?: boolean | undefined;
  connection?: 'separate' | 'shared' | undefined;
}

/** What sends the requests of one route. */
export interface Connection {
  dispatcher: Dispatcher;
  proxy: HttpProxy | undefined;
  /** Closes a separate connection; shared ones stay open for the next request. */
  release(): void;
}

/** The open connections of a step. A shared one is used again; a separate one serves a single request. */
export class Connections {
  readonly #options: Omit<HttpOptions, 'redactor'>;
  readonly #shared = new Map<string, Dispatcher>();

  constructor(options: Omit<HttpOptions, 'redactor'>) {
    this.#options = options;
  }

  /** @throws Error when the variable for the proxy cannot be used. */
  async to(route: Route): Promise<Connection> {
    // Loading it takes about as long as Node takes to start, and many steps send no request.
    const undici = await import('undici');
    const proxy = route.socketPath === undefined ? proxyFor(route.url, this.#options.env) : undefined;
    const create = (): Dispatcher => {
      const connect = this.#connectOptions(route);
      if (!proxy) return new undici.Agent({ connect, allowH2: route.http2 ?? false });
      return new undici.ProxyAgent({
        uri: proxy.uri,
        ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
        requestTls: connect,
        proxyTls: connect,
        allowH2: route.http2 ?? false,
        // Many proxies open tunnels to port 443 only.
        proxyTunnel: false,
      });
    };
    if (route.connection !== 'shared') {
      const dispatcher = create();
      return { dispatcher, proxy, release: () => void dispatcher.destroy().catch(() => undefined) };
    }
    const key = JSON.stringify([proxy?.uri, route.socketPath, route.http2 ?? false]);
    const dispatcher = this.#shared.get(key) ?? create();
    this.#shared.set(key, dispatcher);
    return { dispatcher, proxy, release: () => undefined };
  }

  #connectOptions({ socketPath, http2 }: Route): ConnectOptions {
    const { ca = [] } = this.#options;
    return {
      allowH2: http2 ?? false,
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(ca.length === 0 ? {} : { ca: [...publicAuthorities(), ...ca] }),
    };
  }
}

/** Those that Node trusts. Its TLS is loaded here: few steps need it. */
function publicAuthorities(): string[] {
  return process.getBuiltinModule('node:tls').getCACertificates('default');
}

interface ConnectOptions {
  allowH2: boolean;
  socketPath?: string;
  ca?: string[];
}
