import type { Severity, Signature } from '../finding.ts';

/** When a signature decides, unless the symptom sets its own severity. */
export interface SignatureRule {
  severity: Severity;
  /** Milliseconds that a grave one must last, and it must be seen twice. */
  graceMs: number;
  /** It concerns the release and not one node: it decides although other new pods are ready. */
  despiteReady?: true;
  /** Waiting cannot help, so it decides even with fail-fast off. */
  final?: true;
}

/**
 * Every signature, the most specific first: findings are sorted in this order. Grace periods are measured where they can
 * be: a secret that arrived late healed a pod after 16 s, so what somebody may still be creating gets 20 s; a registry
 * that refuses connections was retried after 14 s and 41 s.
 */
export const rules: Record<Signature, SignatureRule> = {
  superseded: { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
  'workload-gone': { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
  paused: { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
  'no-replicas': { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
  'job-failed': { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
  'image-invalid': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'image-never-pulled': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'image-missing': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'image-denied': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'wrong-architecture': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'config-missing': { severity: 'sustained', graceMs: 20_000 },
  'cannot-start': { severity: 'terminal', graceMs: 0 },
  'out-of-memory': { severity: 'terminal', graceMs: 0 },
  'init-failing': { severity: 'terminal', graceMs: 0 },
  'liveness-kills': { severity: 'terminal', graceMs: 0 },
  'crash-loop': { severity: 'terminal', graceMs: 0 },
  'service-account-missing': { severity: 'sustained', graceMs: 20_000 },
  'limit-range': { severity: 'terminal', graceMs: 0, despiteReady: true },
  'quota-exceeded': { severity: 'sustained', graceMs: 10_000 },
  'admission-denied': { severity: 'sustained', graceMs: 0, despiteReady: true },
  'claim-missing': { severity: 'sustained', graceMs: 20_000 },
  'volume-failing': { severity: 'sustained', graceMs: 20_000 },
  'image-limited': { severity: 'sustained', graceMs: 120_000 },
  'image-unreachable': { severity: 'sustained', graceMs: 30_000 },
  'webhook-down': { severity: 'sustained', graceMs: 60_000 },
  unschedulable: { severity: 'sustained', graceMs: 60_000 },
  'readiness-gate': { severity: 'advisory', graceMs: 0 },
  'readiness-never': { severity: 'advisory', graceMs: 0 },
  evicted: { severity: 'advisory', graceMs: 0 },
  'old-pods-remain': { severity: 'advisory', graceMs: 0 },
  'deadline-exceeded': { severity: 'terminal', graceMs: 0, despiteReady: true, final: true },
};

const order = Object.keys(rules);

/** Position in the table, the most specific first. */
export function rankOf(signature: Signature): number {
  return order.indexOf(signature);
}

/** How many exits of a container prove that its release is broken: after 1 and 2, containers healed when measured. */
export const exitLimits = {
  /** Two crashes followed by a good run were seen, so the third exit decides. */
  crash: { balanced: 3, strict: 1 },
  /** Memory that was too small once will not grow, and a probe that killed twice kills again. */
  certain: { balanced: 2, strict: 1 },
} as const;

/** While other new pods are ready, one failing pod is likely one failing node: the symptom must last this long. */
export const othersReadyGraceMs = 60_000;

/** A symptom that is absent for longer counts as gone, and starts again when it returns. */
export const forgottenAfterMs = 15_000;
