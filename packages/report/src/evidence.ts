import type { Evidence, Phase, ReleaseRecord } from '@slipway/release';

export type Kind = Evidence['kind'];
export type EvidenceOf<K extends Kind> = Extract<Evidence, { kind: K }>;

/** The newest evidence of a kind, with its phase; undefined when no phase has any. */
export function newestEvidence<K extends Kind>(
  record: ReleaseRecord,
  kind: K,
): { phase: Phase; evidence: EvidenceOf<K> } | undefined {
  const phase = record.phases.findLast((one) => one.evidence?.kind === kind);
  return phase && { phase, evidence: phase.evidence as EvidenceOf<K> };
}

/** Why evidence is missing: the phase that provides it did not run, was skipped, or stopped before it had any. */
export function explainMissing(record: ReleaseRecord, phaseName: string): string {
  const phase = record.phases.findLast((one) => one.name === phaseName);
  if (!phase) return `${phaseName} did not run.`;
  return phase.outcome === 'skipped'
    ? `${phaseName} was skipped.`
    : `${phaseName} was ${phase.outcome} before it had any.`;
}
