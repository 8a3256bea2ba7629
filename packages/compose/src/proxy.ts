import type { Purpose } from '@slipway/platform';

/**
 * The user's own reverse proxy. It alone decides who gets requests: a replica that it does not name gets none, so new
 * ones are attached only when they are ready, and old ones are drained before they are stopped.
 */
export interface ReverseProxy {
  /**
   * Sends all new requests for the service to exactly these containers. Returns once the proxy does so. To restore what
   * ran before, a proxy that is stopped is started; a deploy never begins without one that runs.
   */
  route(service: string, containers: readonly string[], purpose: Purpose): Promise<void>;
  /** Waits until requests that began before the last `route` are finished, at most `within` ms; none run in a stopped proxy. */
  drained(within: number): Promise<boolean>;
  /** Why the proxy cannot do its part, one sentence each. */
  problems(): Promise<string[]>;
}

/** No proxy: Docker's DNS lists every started container, ready or not. Requests may be lost, and the README says so. */
export const noProxy: ReverseProxy = {
  route: async () => {},
  drained: async () => true,
  problems: async () => [],
};
