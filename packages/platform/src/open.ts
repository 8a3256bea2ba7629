import type { ComposeConfig, ServiceConfig } from '@slipway/config';
import { type Clock, type Exec, type Http, type Log, UserError } from '@slipway/kernel';
import type { Platform } from './platform.ts';

export interface PlatformOptions {
  config: { app: string; compose?: ComposeConfig | undefined; services: Record<string, ServiceConfig> };
  environment: string;
  workspace: string;
  temp: string;
  exec: Exec;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** The platform that the configuration names. @throws UserError when it names none. */
export function openPlatform(options: PlatformOptions): Platform {
  if (options.config.compose) throw new UserError('being written');
  throw new UserError('the configuration names no platform: add "compose"');
}
