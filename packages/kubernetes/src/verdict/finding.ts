/**
 * How certain a failure is. `terminal`: it cannot heal, and the rollout ends at once. `sustained`: it fails the rollout
 * when it lasts for its grace period. `advisory`: it is logged, and explains a timeout.
 */
export type Severity = 'terminal' | 'sustained' | 'advisory';

/** The published names of the ways in which a rollout fails. */
export const signatures = [
  'image-missing',
  'image-denied',
  'image-unreachable',
  'image-limited',
  'image-invalid',
  'image-never-pulled',
  'wrong-architecture',
  'crash-loop',
  'out-of-memory',
  'config-missing',
  'cannot-start',
  'init-failing',
  'liveness-kills',
  'readiness-never',
  'readiness-gate',
  'unschedulable',
  'claim-missing',
  'volume-failing',
  'quota-exceeded',
  'limit-range',
  'admission-denied',
  'webhook-down',
  'service-account-missing',
  'evicted',
  'paused',
  'no-replicas',
  'deadline-exceeded',
  'superseded',
  'job-failed',
  'workload-gone',
  'old-pods-remain',
] as const;

export type Signature = (typeof signatures)[number];

/** One reason why the new version does not come up, merged over the replicas that show it. */
export interface Finding {
  signature: Signature;
  severity: Severity;
  /** How long a sustained finding must last before it decides. */
  graceMs: number;
  /** Pods, or the ReplicaSet or workload, that show it. */
  subjects: readonly string[];
  container: string | null;
  /** One clause: what, where, why, as `container web of web-1 cannot pull …: manifest unknown`. */
  what: string;
  /** What to do next, in one sentence. */
  remedy: string;
  /** The run of the container whose log explains more; null when no log does. */
  logs: 'current' | 'previous' | null;
}

/** When a rollout is allowed to fail before its timeout. */
export type FailFast = 'balanced' | 'strict' | 'off';
