import type { Evidence, Phase } from './evidence.ts';
import type { ReleaseRecord } from './record.ts';

/** Something that only the report needs. */
interface Omission {
  what: string;
  without(phase: Phase): Phase;
}

/** Points of a metric that a chart can do with. */
const thinPoints = 30;
const maxSentence = 500;

/** The least needed first. */
const omissions: readonly Omission[] = [
  { what: `all but ${thinPoints} points of each metric`, without: (phase) => withEvidence(phase, thinned) },
  { what: 'the points of the metrics', without: (phase) => withEvidence(phase, withoutPoints) },
  { what: 'lines of logs', without: withoutDetails },
  { what: 'the replicas of the services', without: (phase) => withEvidence(phase, withoutReplicas) },
  { what: 'the rehearsal of each migration', without: (phase) => withEvidence(phase, withoutRehearsals) },
];

/** The record, and then records that hold less and less of what a later step can do without. Each says what it lacks. */
export function* smallerRecords(record: ReleaseRecord): Generator<ReleaseRecord> {
  yield record;
  let smaller = record;
  for (const omission of omissions) {
    const next = omit(smaller, omission);
    if (next !== smaller) yield next;
    smaller = next;
  }
  const [good, bad] = [smaller.phases.filter(isGood), smaller.phases.filter((phase) => !isGood(phase))];
  for (const phase of [...bySize(good), ...bySize(bad)]) {
    if (!phase.evidence) continue;
    smaller = omit(smaller, withoutEvidenceOf(phase));
    yield smaller;
  }
  yield omit(smaller, { what: 'the ends of long sentences', without: withShortSummary });
}

function omit(record: ReleaseRecord, { what, without }: Omission): ReleaseRecord {
  const phases = record.phases.map(without);
  if (phases.every((phase, at) => phase === record.phases[at])) return record;
  return { ...record, phases, omitted: [...new Set([...(record.omitted ?? []), what])] };
}

function isGood({ outcome }: Phase): boolean {
  return outcome === 'passed' || outcome === 'skipped';
}

/** The phase with the most evidence first. */
function bySize(phases: readonly Phase[]): Phase[] {
  const sizeOf = ({ evidence }: Phase): number => JSON.stringify(evidence ?? '').length;
  return phases.toSorted((a, b) => sizeOf(b) - sizeOf(a));
}

function withoutEvidenceOf({ name, startedAt }: Phase): Omission {
  return {
    what: `the evidence of ${name}`,
    without: (phase) => {
      if (!phase.evidence || phase.name !== name || phase.startedAt !== startedAt) return phase;
      const { evidence, ...rest } = phase;
      return rest;
    },
  };
}

function withEvidence(phase: Phase, change: (evidence: Evidence) => Evidence): Phase {
  if (!phase.evidence) return phase;
  const evidence = change(phase.evidence);
  return evidence === phase.evidence ? phase : { ...phase, evidence };
}

function thinned(evidence: Evidence): Evidence {
  if (evidence.kind !== 'watch' || evidence.metrics.every(({ points }) => points.length <= thinPoints))
    return evidence;
  const metrics = evidence.metrics.map((metric) => {
    const step = Math.ceil(metric.points.length / thinPoints);
    return { ...metric, points: metric.points.filter((_, at) => at % step === 0) };
  });
  return { ...evidence, metrics };
}

function withoutPoints(evidence: Evidence): Evidence {
  if (evidence.kind !== 'watch' || evidence.metrics.every(({ points }) => points.length === 0))
    return evidence;
  return { ...evidence, metrics: evidence.metrics.map((metric) => ({ ...metric, points: [] })) };
}

function withoutReplicas(evidence: Evidence): Evidence {
  if (evidence.kind !== 'services' || evidence.services.every(({ replicas }) => replicas.length === 0))
    return evidence;
  return { ...evidence, services: evidence.services.map((service) => ({ ...service, replicas: [] })) };
}

function withoutRehearsals(evidence: Evidence): Evidence {
  if (evidence.kind !== 'migration' || evidence.files.every(({ rehearsed }) => rehearsed === undefined))
    return evidence;
  return { ...evidence, files: evidence.files.map(({ rehearsed, ...file }) => file) };
}

function withoutDetails(phase: Phase): Phase {
  if (!phase.details) return phase;
  const { details, ...rest } = phase;
  return rest;
}

function withShortSummary(phase: Phase): Phase {
  if (phase.summary.length <= maxSentence) return phase;
  return { ...phase, summary: `${phase.summary.slice(0, maxSentence)}…` };
}
