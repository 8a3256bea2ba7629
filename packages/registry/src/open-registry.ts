import type { Clock, Exec, Http, Redactor } from '@slipway/kernel';
import { findCredentials } from './credentials.ts';
import { Registry } from './registry.ts';

/** The registries of the release's images, with the logins of a Docker configuration folder. */
export function openRegistry(
  context: { http: Http; clock: Clock; redactor: Redactor },
  folder: string,
  exec: Exec,
  signal: AbortSignal,
): Registry {
  const { http, clock, redactor } = context;
  return new Registry({
    http,
    clock,
    redactor,
    signal,
    credentials: (host) => findCredentials(host, folder, exec),
  });
}
