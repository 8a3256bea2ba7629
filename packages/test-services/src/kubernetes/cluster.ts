/** A Kubernetes that tests and the demo may fill and empty as they like. */
export interface Cluster {
  /** Path of a kubeconfig with administrator rights. */
  kubeconfig: string;
  /** Kubernetes server version, such as `v1.20.2`. */
  version: string;
  /** Address on which node ports answer from this machine. */
  nodeAddress: string;
  /** Address under which pods reach servers of this machine that listen on it. */
  hostAddress: string;
  /** Environment for docker commands; what they push to a registry on the loopback, the cluster's nodes can pull. */
  env: Record<string, string>;
  /** That of SLIPWAY_TEST_KUBECONFIG, made by kind, or started here from nothing. */
  origin: 'external' | 'kind' | 'own';
  /** Gives it up; what was started here is gone afterwards. May be called more than once. */
  stop(): Promise<void>;
}
