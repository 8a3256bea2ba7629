import type { Evidence, Phase, ReleaseRecord } from '@slipway/release';

export type Kind = Evidence['kind'];
export type EvidenceOf<K extends Kind> = Extract<Evidence, { kind: K }>;

/** The newest evidence of a kind, with the phase that brought it; undefined when no phase did. */
export function newest<K extends Kind>(
  record: ReleaseRecord,
  kind: K,
): { phase: Phase; evidence: EvidenceOf<K> } | undefined {
  const phase = record.phases.findLast((one) => one.evidence?.kind === kind);
  return phase && { phase, evidence: phase.evidence as EvidenceOf<K> };
}

/** Why there is no evidence of a kind: whether the phase that brings it did not run, or ran and brought none. */
export function missing(record: ReleaseRecord, phaseName: string): string {
  const phase = record.phases.findLast((one) => one.name === phaseName);
  if (!phase) return `${phaseName} did not run.`;
  return phase.outcome === 'skipped'
    ? `${phaseName} was skipped.`
    : `${phaseName} ended as ${phase.outcome} before it had any.`;
}
