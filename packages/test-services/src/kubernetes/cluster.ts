/** A Kubernetes that tests and the demo may fill and empty as they like. */
export interface Cluster {
  /** Path of a kubeconfig with administrator rights. */
  kubeconfig: string;
  /** Kubernetes server version, such as `v1.36.3`. */
  version: string;
  /** Address on which node ports answer from this machine. */
  nodeAddress: string;
  /** Address under which pods reach servers of this machine that listen on it. */
  hostAddress: string;
  /**
   * Environment for docker and kubectl; what docker pushes to a registry on the loopback, the nodes of the cluster can
   * pull.
   */
  env: Record<string, string>;
  /** Gives it up; what was started here is gone afterwards. May be called more than once. */
  stop(): Promise<void>;
}
