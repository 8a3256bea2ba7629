import type { Phase, ReleaseRecord } from '@slipway/release';
import { newestEvidence } from './evidence.ts';
import { count, duration } from './quantity.ts';
import { failedPhase, mayHaveChanged, phaseMayHaveChanged } from './release-outcome.ts';
import { isProven } from './services.ts';
import type { Tone } from './tone.ts';

/** The result of a release, for somebody who reads one line. */
export interface Verdict {
  /** One or two words, next to the colour. */
  word: string;
  tone: Tone;
  sentence: string;
}

/** A phase that only reads the target says all that there is to say. */
const readingPhases: readonly string[] = ['status', 'rehearse'];

export function verdictOf(record: ReleaseRecord): Verdict {
  const last = record.phases.at(-1);
  if (last && readingPhases.includes(last.name))
    return {
      word: 'Nothing changed',
      tone: last.outcome === 'passed' ? 'quiet' : 'warning',
      sentence: last.summary,
    };
  if (record.verdict === 'verified') return verified(record);
  if (record.verdict === 'rolled-back') return rolledBack(record);
  const cause = failedPhase(record);
  if (cause) return failedRelease(record, cause);
  if (last?.name === 'rollback') return rollbackOnly(record, last);
  if (last && isDryRun(record)) return dryRun(record);
  const { what, where } = names(record);
  const sentence = last
    ? `${what} is being deployed to ${where}: ${last.name} ${last.outcome === 'skipped' ? 'was skipped' : last.outcome}, no verdict yet.`
    : `${what} has not started in ${where}.`;
  return { word: 'In progress', tone: 'quiet', sentence };
}

/** The services would have been rolled out, and nothing that changes anything ran. */
function isDryRun(record: ReleaseRecord): boolean {
  return (
    record.phases.some(({ name, outcome }) => name === 'rollout' && outcome === 'skipped') &&
    !mayHaveChanged(record)
  );
}

function dryRun(record: ReleaseRecord): Verdict {
  const { what, where } = names(record);
  return {
    word: 'Nothing changed',
    tone: 'quiet',
    sentence: `${what} was not deployed: nothing was changed in ${where}.`,
  };
}

function names(record: ReleaseRecord): { what: string; where: string } {
  return { what: `${record.app} ${record.version}`.trim(), where: record.environment };
}

function verified(record: ReleaseRecord): Verdict {
  const { what, where } = names(record);
  const proofs = [servicesProven(record), smokePassed(record), metricsMet(record)].filter(
    (proof) => proof !== undefined,
  );
  const proof = proofs.length > 0 ? `: ${proofs.join(', ')}` : '';
  return { word: 'Verified', tone: 'good', sentence: `${what} is live in ${where} and verified${proof}.` };
}

function servicesProven(record: ReleaseRecord): string | undefined {
  const services = newestEvidence(record, 'services')?.evidence.services ?? [];
  const proven = services.filter(isProven);
  if (proven.length === 0) return undefined;
  return proven.length === 1 ? '1 service runs its digest' : `${proven.length} services run their digests`;
}

function smokePassed(record: ReleaseRecord): string | undefined {
  const passed =
    newestEvidence(record, 'smoke')?.evidence.checks.filter(({ state }) => state === 'passed') ?? [];
  return passed.length > 0 ? `${count(passed.length, 'smoke check')} passed` : undefined;
}

function metricsMet(record: ReleaseRecord): string | undefined {
  const watch = newestEvidence(record, 'watch')?.evidence;
  const met = watch?.metrics.filter(({ state }) => state === 'met') ?? [];
  if (!watch || met.length === 0) return undefined;
  const objective = met.length === 1 ? 'its objective' : 'their objectives';
  return `${count(met.length, 'metric')} met ${objective} for ${duration(watch.seconds * 1000)}`;
}

function rolledBack(record: ReleaseRecord): Verdict {
  const { what, where } = names(record);
  const cause = failedPhase(record);
  const why = cause ? `${describeFailure(cause)} and` : '';
  const before = Object.values(record.services).map(({ previous }) => previous);
  const gone = before.length > 0 && before.every((previous) => previous === null);
  const sentence = gone
    ? `${what} ${why} was removed again: nothing ran in ${where} before it.`
    : `${what} ${why} was rolled back: ${servesAgain(record)} again in ${where}.`;
  return { word: 'Rolled back', tone: 'warning', sentence: sentence.replace(/ {2}/g, ' ') };
}

function servesAgain(record: ReleaseRecord): string {
  const before = Object.values(record.services).flatMap(({ previous }) => previous?.release ?? []);
  const [version, ...others] = new Set(before.map(versionOf));
  return version !== undefined && others.length === 0 ? `${version} serves` : 'what ran before serves';
}

/** A release id is the version and the id of the run. */
function versionOf(release: string): string {
  return /^(?!release-)(.+)-(?:\d+|local)$/.exec(release)?.[1] ?? release;
}

function failedRelease(record: ReleaseRecord, cause: Phase): Verdict {
  const { what } = names(record);
  const refused = cause.outcome === 'refused';
  return {
    word: refused ? 'Refused' : 'Failed',
    tone: refused && !mayHaveChanged(record) ? 'warning' : 'bad',
    sentence: `${what} ${describeFailure(cause)}${describeTarget(record, cause)}.`,
  };
}

/** What a release that failed, and was not rolled back, has changed. */
function describeTarget(record: ReleaseRecord, cause: Phase): string {
  const { where } = names(record);
  const rollback = record.phases.findLast(({ name }) => name === 'rollback');
  if (rollback?.outcome === 'skipped') return ', and there was nothing to roll back';
  if (rollback) return `, and the rollback did not succeed: manual intervention required in ${where}`;
  if (servedBefore(record, cause))
    return `, and serves in ${where}: it was proven before, and nothing was rolled back`;
  if (!mayHaveChanged(record)) return ` before anything was changed in ${where}`;
  if (!phaseMayHaveChanged(record, 'rollout'))
    return `: no service was changed in ${where}; the database may have been`;
  return `: ${where} was changed and is not rolled back yet`;
}

/**
 * Whether a release that the rollout found proven already was then measured, and found bad. In a dry run, which skips the
 * rollout too, nothing is measured.
 */
function servedBefore({ phases }: ReleaseRecord, { name, outcome }: Phase): boolean {
  const rollout = phases.findLast((phase) => phase.name === 'rollout');
  return (
    rollout?.outcome === 'skipped' && ['smoke-test', 'watch-metrics'].includes(name) && outcome !== 'refused'
  );
}

function rollbackOnly(record: ReleaseRecord, phase: Phase): Verdict {
  const { what, where } = names(record);
  if (phase.outcome === 'skipped') {
    return {
      word: 'Nothing to do',
      tone: 'quiet',
      sentence: `There was nothing to roll back for ${what} in ${where}.`,
    };
  }
  const refused = phase.outcome === 'refused';
  return {
    word: refused ? 'Refused' : 'Failed',
    tone: 'bad',
    sentence: refused
      ? `The rollback of ${what} in ${where} was refused before anything was changed.`
      : `The rollback of ${what} did not succeed: manual intervention required in ${where}.`,
  };
}

function describeFailure(cause: Phase): string {
  if (cause.outcome === 'refused') return `was refused in ${cause.name}`;
  return cause.outcome === 'inconclusive'
    ? `could not be proven in ${cause.name}`
    : `failed in ${cause.name}`;
}
