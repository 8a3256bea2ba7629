import type { ProxyConfig, ProxyName } from '@slipway/config';
import type { Clock, Log } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import type { Engine } from '../engine.ts';

/**
 * The user's own reverse proxy. It alone decides who gets requests: a container that it does not name gets none, so new
 * ones are attached only when they are ready, and old ones are drained before they are stopped.
 */
export interface ReverseProxy {
  /**
   * Sends all new requests for the service to exactly these containers. Returns once the proxy does so. To restore what
   * ran before, a proxy that is stopped is started; a deploy never begins without one that runs.
   */
  route(service: string, containers: readonly string[], purpose: Purpose): Promise<void>;
  /** Whether requests that began before the last `route` finished within `withinMs`. A stopped proxy has none. */
  drained(withinMs: number): Promise<boolean>;
  /** Why the proxy cannot be used in a deploy, one sentence each. */
  problems(): Promise<string[]>;
}

/** What a proxy works with. */
export interface ProxyHost {
  engine: Engine;
  /** Folder for temporary files. */
  temp: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** A reverse proxy, as its folder describes itself to the list in `index.ts`. */
export interface ProxyManifest<Name extends ProxyName> {
  /** Its section of `compose.proxy`. */
  name: Name;
  open(config: ProxyConfig<Name>['config'], host: ProxyHost): ReverseProxy;
}

/** No proxy: Docker DNS lists every started container, ready or not, so requests can fail. The documentation says so. */
export const noProxy: ReverseProxy = {
  route: async () => {},
  drained: async () => true,
  problems: async () => [],
};
