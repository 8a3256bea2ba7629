import type { Clock, Duration, Exec, Http, Redactor } from '@slipway/kernel';
import { dockerConfigFolder, findCredentials } from './credentials.ts';
import { Registry } from './registry.ts';

/** A login of the inputs. */
export interface RegistryLogin {
  /** The host that the login is for; it is sent to no other one. */
  registry: string;
  username: string;
  password: string;
}

interface OpenContext {
  http: Http;
  clock: Clock;
  redactor: Redactor;
  exec: Exec;
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** The registries of the release's images, with the login of the inputs, and those that the Docker CLI has for others. */
export function openRegistry(
  context: OpenContext,
  options: {
    login?: RegistryLogin | undefined;
    /** Default: the user's folder of the Docker CLI. */
    folder?: string;
    retryForMs?: Duration;
    onRetry?: (problem: string, delayMs: Duration) => void;
  } = {},
): Registry {
  const { http, clock, redactor, exec, signal } = context;
  const { login, folder = dockerConfigFolder(context.env), retryForMs, onRetry } = options;
  return new Registry({
    ...{ http, clock, redactor, signal },
    ...(retryForMs === undefined ? {} : { retryForMs }),
    ...(onRetry === undefined ? {} : { onRetry }),
    credentials: async (host) =>
      login && host === login.registry
        ? { kind: 'password', username: login.username, password: login.password }
        : findCredentials(host, folder, exec),
  });
}
