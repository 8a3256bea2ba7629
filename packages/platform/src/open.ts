import type { ComposeConfig, KubernetesConfig, ServiceConfig } from '@slipway/config';
import { type Clock, type Exec, type Log, type Redactor, UserError } from '@slipway/kernel';
import { composePlatform } from './compose/driver.ts';
import { kubernetesPlatform } from './kubernetes/driver.ts';
import type { Platform } from './platform.ts';

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

/** The platform that the configuration names. @throws UserError when it names none, or both. */
export function openPlatform(options: PlatformOptions): Platform {
  const { config, programs } = options;
  const { compose, kubernetes } = config;
  if (compose && kubernetes) {
    throw new UserError('the configuration names two platforms, "compose" and "kubernetes"', {
      hint: 'Keep the one that is meant; an environment may override the other with null under "environments".',
    });
  }
  if (kubernetes && 'kubectl' in programs) return kubernetesPlatform({ ...options, programs }, kubernetes);
  if (compose && 'compose' in programs) return composePlatform({ ...options, programs }, compose);
  throw new UserError('the configuration names no platform to roll out on', {
    hint: 'Add "compose: {files: [docker-compose.prod.yml]}" or "kubernetes: {namespace: production, manifests: [k8s/]}".',
  });
}
