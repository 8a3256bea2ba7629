import type { KubernetesConfig, ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log, Redactor } from '@slipway/kernel';
import type { StampScope } from '../stamp.ts';
import type { Kubectl } from './cluster/kubectl.ts';

/** Everything that the steps of a rollout on Kubernetes work with. */
export interface KubernetesTarget {
  kubectl: Kubectl;
  config: KubernetesConfig;
  services: Readonly<Record<string, ServiceConfig>>;
  scope: StampScope;
  workspace: string;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Pick<Redactor, 'redact'>;
}
