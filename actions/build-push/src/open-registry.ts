import type { Exec } from '@slipway/kernel';
import type { BuildPushContext } from './build-push.ts';
import { findCredentials } from './credentials.ts';
import { Registry } from './registry.ts';

/** The registries of the release's images, with the logins of a Docker configuration folder. */
export function openRegistry(
  context: Pick<BuildPushContext, 'http' | 'clock' | 'redactor'>,
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
