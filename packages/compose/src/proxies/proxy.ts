import type { ProxyConfig, ProxyName } from '@slipway/config';
import type { Clock, Log } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import type { Container } from '../container.ts';
import type { ComposeModel, Engine } from '../engine.ts';
import type { PortState } from '../port-state.ts';

/** Who gets the requests for a service. */
export interface Route {
  containers: readonly Container[];
  /** They get a request only while none of `containers` takes connections: the old version while the new one is tried. */
  backups?: readonly Container[];
}

/**
 * The user's own reverse proxy. It alone decides who gets requests: a container that it does not name gets none, so new
 * ones are attached only when they answer, and old ones are drained before they are stopped. Its state is what it has
 * loaded, never what a file says. Everything can be called again after a crash at any point.
 */
export interface ReverseProxy {
  /**
   * Called before new containers are started. A proxy that is down, or that its own upstreams would keep from starting, is
   * repaired and started. What it reads when somebody restarts it from here on is what it has loaded now.
   */
  hold(service: string, containers: readonly Container[], purpose: Purpose): Promise<void>;
  /** Sends all new requests for the service along this route. Returns once the proxy was seen to do so. */
  route(service: string, route: Route, purpose: Purpose): Promise<void>;
  /** Called when the containers that it routes to are all that the service has: from here on a restart may find others. */
  settle(service: string, containers: readonly Container[]): Promise<void>;
  /** The shell command that lets it forget a service whose containers are to be removed by hand; null when it does not know it. */
  removal(service: string): Promise<string | null>;
  /** Names of the containers that it was seen to route to; null when that is not known. */
  routed(service: string): Promise<string[] | null>;
  /** Why its requests do not reach the containers of a service, as a clause; null when they do, or when it does not serve it. */
  unreached(service: string, containers: readonly Container[]): Promise<string | null>;
  /** Whether a container can be connected to on the port of the service; null when the proxy does not serve it. */
  portState(service: string, container: Container): Promise<PortState | null>;
  /** Whether connections of the proxy to any of these containers can be seen; null when that cannot be seen. */
  reached(service: string, containers: readonly Container[]): Promise<boolean | null>;
  /** Whether requests that began before the last `route` finished within `withinMs`. A stopped proxy has none. */
  drained(withinMs: number): Promise<boolean>;
  /** Why the proxy cannot be used in a deploy of these services, one sentence each. */
  problems(services: readonly string[], model: ComposeModel): Promise<string[]>;
}

/** What a proxy works with. */
export interface ProxyHost {
  engine: Engine;
  /** Names of the services of the configuration. */
  services: readonly string[];
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
  hold: async () => {},
  route: async () => {},
  settle: async () => {},
  removal: async () => null,
  routed: async () => null,
  unreached: async () => null,
  portState: async () => null,
  reached: async () => null,
  drained: async () => true,
  problems: async () => [],
};
