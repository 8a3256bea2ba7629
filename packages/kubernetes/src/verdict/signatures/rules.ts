import type { Gravity, Signature } from '../finding.ts';

/** When a sign of failure decides, unless the sign itself says otherwise. */
export interface Rule {
  gravity: Gravity;
  /** Milliseconds that a grave one must last, and it must be seen twice. */
  hold: number;
  /** It is about the release and not about one node: it decides although other new pods are ready. */
  despiteReady?: true;
  /** It is the end in itself, so that waiting is of no use even when nothing is to fail early. */
  final?: true;
}

/**
 * Every sign, the most telling first: findings are sorted in this order. Holds are measured where they can be: a secret
 * that arrived late healed a pod after 16 s, so what somebody may still be creating gets 20 s; a registry that refuses
 * connections was asked again after 14 s and 41 s.
 */
export const rules: Record<Signature, Rule> = {
  superseded: { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
  'workload-gone': { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
  paused: { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
  'no-replicas': { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
  'job-failed': { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
  'image-invalid': { gravity: 'fatal', hold: 0, despiteReady: true },
  'image-never-pulled': { gravity: 'fatal', hold: 0, despiteReady: true },
  'image-missing': { gravity: 'fatal', hold: 0, despiteReady: true },
  'image-denied': { gravity: 'fatal', hold: 0, despiteReady: true },
  'wrong-architecture': { gravity: 'fatal', hold: 0, despiteReady: true },
  'config-missing': { gravity: 'grave', hold: 20_000 },
  'cannot-start': { gravity: 'fatal', hold: 0 },
  'out-of-memory': { gravity: 'fatal', hold: 0 },
  'init-failing': { gravity: 'fatal', hold: 0 },
  'liveness-kills': { gravity: 'fatal', hold: 0 },
  'crash-loop': { gravity: 'fatal', hold: 0 },
  'service-account-missing': { gravity: 'grave', hold: 20_000 },
  'limit-range': { gravity: 'fatal', hold: 0, despiteReady: true },
  'quota-exceeded': { gravity: 'grave', hold: 10_000 },
  'admission-denied': { gravity: 'grave', hold: 0, despiteReady: true },
  'claim-missing': { gravity: 'grave', hold: 20_000 },
  'volume-failing': { gravity: 'grave', hold: 20_000 },
  'image-limited': { gravity: 'grave', hold: 120_000 },
  'image-unreachable': { gravity: 'grave', hold: 30_000 },
  'webhook-down': { gravity: 'grave', hold: 60_000 },
  unschedulable: { gravity: 'grave', hold: 60_000 },
  'readiness-gate': { gravity: 'pending', hold: 0 },
  'readiness-never': { gravity: 'pending', hold: 0 },
  evicted: { gravity: 'pending', hold: 0 },
  'old-pods-linger': { gravity: 'pending', hold: 0 },
  'deadline-exceeded': { gravity: 'fatal', hold: 0, despiteReady: true, final: true },
};

const order = Object.keys(rules);

/** Place in the order of the table, the most telling first. */
export function rankOf(signature: Signature): number {
  return order.indexOf(signature);
}

/** Times that a container may end before its release is taken for broken: 1 and 2 also healed when measured. */
export const endings = {
  /** Two crashes and then a good run were seen, so the third ending decides. */
  crash: { balanced: 3, strict: 1 },
  /** Memory that was too small once will not grow, and a probe that killed twice kills again. */
  sure: { balanced: 2, strict: 1 },
} as const;

/** While other new pods are ready, one bad pod is rather one bad node: it must last this long, in milliseconds. */
export const besideReady = 60_000;

/** Milliseconds without a sign after which it is taken for gone, and starts anew when it comes back. */
export const forgotten = 15_000;
