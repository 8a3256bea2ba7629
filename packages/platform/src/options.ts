import type { ComposeConfig, KubernetesConfig, ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log, Redactor } from '@slipway/kernel';

/** The start of a command line: found on PATH, or a pinned program by its path. Arguments go behind. */
type Program = readonly [string, ...string[]];

/** How the programs of a platform are called: those of Docker Compose, or those of Kubernetes. */
export type PlatformPrograms = { docker: Program; compose: Program } | { kubectl: Program };

export interface PlatformOptions {
  config: {
    app: string;
    compose?: ComposeConfig | undefined;
    kubernetes?: KubernetesConfig | undefined;
    services: Readonly<Record<string, ServiceConfig>>;
  };
  environment: string;
  /** Root of the repository; paths of the configuration are relative to it. */
  workspace: string;
  /** Folder of the step's own. */
  temp: string;
  exec: Exec;
  programs: PlatformPrograms;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}
