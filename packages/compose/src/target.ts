import type { ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log } from '@slipway/kernel';
import type { ComposeCommands } from './argv.ts';
import type { Engine } from './engine.ts';
import type { ReverseProxy } from './proxies/proxy.ts';

/** Everything that the steps of a rollout on Compose work with. */
export interface ComposeTarget {
  services: Readonly<Record<string, ServiceConfig>>;
  commands: ComposeCommands;
  engine: Engine;
  proxy: ReverseProxy;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  temp: string;
}
