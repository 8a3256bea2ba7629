import type { ComposeConfig, ServiceConfig } from '@slipway/config';
import { type Clock, type Exec, type Log, UserError } from '@slipway/kernel';
import type { ComposePrograms } from './compose/argv.ts';
import { composePlatform } from './compose/driver.ts';
import type { Platform } from './platform.ts';

export interface PlatformOptions {
  config: {
    app: string;
    compose?: ComposeConfig | undefined;
    services: Readonly<Record<string, ServiceConfig>>;
  };
  /** Root of the repository; paths of the configuration are relative to it. */
  workspace: string;
  /** Folder of the step's own. */
  temp: string;
  exec: Exec;
  /** How docker and docker compose are called. */
  programs: ComposePrograms;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** The platform that the configuration names. @throws UserError when it names none. */
export function openPlatform(options: PlatformOptions): Platform {
  if (options.config.compose) return composePlatform(options, options.config.compose);
  throw new UserError('the configuration names no platform to roll out on', {
    hint: 'Add "compose: {files: [docker-compose.prod.yml]}".',
  });
}
