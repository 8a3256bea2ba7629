import type { ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log, Redactor } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import type { ComposeCommands } from './argv.ts';
import type { Engine } from './engine.ts';
import type { ReverseProxy } from './proxies/proxy.ts';
import type { ConfigurationHistory } from './saved-configuration.ts';

/** Everything that the steps of a rollout on Compose work with. */
export interface ComposeTarget {
  services: Readonly<Record<string, ServiceConfig>>;
  commands: ComposeCommands;
  engine: Engine;
  proxy: ReverseProxy;
  store: StateStore;
  history: ConfigurationHistory;
  redactor: Redactor;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  temp: string;
}
