import type { KubernetesConfig, ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log, Redactor } from '@slipway/kernel';
import type { Kubectl } from './cluster/kubectl.ts';

/** Everything that the steps of a rollout on Kubernetes work with. */
export interface KubernetesTarget {
  kubectl: Kubectl;
  config: KubernetesConfig;
  services: Readonly<Record<string, ServiceConfig>>;
  /** Whose state is in the namespace. */
  scope: { app: string; environment: string };
  workspace: string;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

/** For a service that the configuration no longer names. */
const defaultStartTimeoutMs = 60_000;

/** How long a pod of the service may take until it is ready. */
export function startTimeoutMsOf({ services }: Pick<KubernetesTarget, 'services'>, service: string): number {
  return services[service]?.['start-timeout'] ?? defaultStartTimeoutMs;
}
