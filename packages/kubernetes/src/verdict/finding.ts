/**
 * How sure a sign of failure is. `fatal`: cannot heal by itself, the rollout ends at once. `grave`: fails when it lasts
 * for its hold, or happens again. `pending`: told, and fails only at the deadline.
 */
export type Gravity = 'fatal' | 'grave' | 'pending';

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
  'old-pods-linger',
] as const;

/** The published name of a way in which a rollout fails. */
export type Signature = (typeof signatures)[number];

/** One reason why the new version does not come up, folded over the replicas that show it. */
export interface Finding {
  signature: Signature;
  gravity: Gravity;
  /** Milliseconds that a grave finding must last (or be seen again) before it decides. */
  hold: number;
  /** Pods, or the ReplicaSet or workload, that show it. */
  subjects: readonly string[];
  container: string | null;
  /** One clause: what, where, why, with the cluster's own words, e.g. `container web of web-1 cannot pull …: manifest unknown`. */
  what: string;
  /** What to do next, one sentence. */
  remedy: string;
  /** Whether the logs of the container say more, and of which run of it. */
  logs: 'current' | 'previous' | null;
}

export type FailFast = 'balanced' | 'strict' | 'off';
