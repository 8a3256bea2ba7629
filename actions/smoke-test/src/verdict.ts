import { formatDuration } from '@slipway/kernel';
import type { SmokeCheck } from '@slipway/release';
import type { Result } from '@slipway/runner';
import {
  type Attempted,
  type Consensus,
  describeAnswers,
  describeExpectation,
  shownUrl,
} from '@slipway/signals';
import type { PlannedCheck, SmokePlan } from './plan.ts';

/** Failures that the one sentence of the summary tells; all stand in the report. */
const mostTold = 3;

/** What was seen of one check, for the record. */
export function recordCheck({ name, request, expected }: PlannedCheck, seen: Attempted): SmokeCheck {
  const method = request.method === 'GET' ? '' : `${request.method} `;
  return {
    name,
    url: `${method}${shownUrl(request.url)}`,
    state: seen.ok ? 'passed' : 'failed',
    attempts: seen.attempts,
    ms: seen.last.ok ? Math.round(seen.last.ms) : null,
    detail: seen.ok ? describeExpectation(expected) : `${seen.failures.join('; ')} (${tried(seen)})`,
  };
}

function tried({ attempts, ms }: Attempted): string {
  return `${attempts === 1 ? '1 attempt' : `${attempts} attempts`} in ${formatDuration(ms)}`;
}

/** The version was not the only one that answered: nothing else was asked, it would prove the wrong version. */
export function versionFailed(plan: SmokePlan, seen: Consensus): Result {
  const { expected, samples, url } = plan.version as NonNullable<SmokePlan['version']>;
  const run = `at most ${seen.longest} of ${samples} connections in a row answered ${expected}`;
  return {
    outcome: 'failed',
    summary: `Smoke test failed: within ${formatDuration(plan.within)} ${run} at ${shownUrl(url)}; seen were ${describeAnswers(seen.answers)}. The ${count(plan.checks.length)} behind it were not made.`,
    hint: `An old replica, a cache or another deployment answers there, or the application does not report ${expected}.`,
    evidence: { kind: 'smoke', consensus: { expected, answers: seen.answers }, checks: [] },
    outputs: { checks: '1', failed: '1' },
  };
}

/** All checks in one sentence. One that failed fails the test, and so does a test without any. */
export function verdict(plan: SmokePlan, seen: Consensus | null, checks: SmokeCheck[], took: number): Result {
  const failed = checks.filter(({ state }) => state === 'failed');
  const asked = plan.version && seen ? { expected: plan.version.expected, answers: seen.answers } : null;
  const evidence = { kind: 'smoke' as const, consensus: asked, checks };
  const made = checks.length + (seen ? 1 : 0);
  const outputs = { checks: String(made), failed: String(failed.length) };
  if (checks.length === 0)
    return { outcome: 'failed', summary: 'Smoke test failed: nothing was checked.', evidence };
  if (failed.length > 0) {
    const told = failed.slice(0, mostTold).map(({ name, url, detail }) => `${name} (${url}): ${detail}`);
    const more = failed.length > mostTold ? ` | and ${failed.length - mostTold} more` : '';
    return {
      outcome: 'failed',
      summary: `Smoke test failed: ${failed.length} of ${count(checks.length)} failed: ${told.join(' | ')}${more}`,
      evidence,
      outputs,
    };
  }
  const version =
    plan.version && seen
      ? `${plan.version.samples} connections in a row answered ${plan.version.expected} and `
      : '';
  const summary = `Smoke test passed: ${version}${checks.length} of ${count(checks.length)} hold, in ${formatDuration(took)}.`;
  return { outcome: 'passed', summary, evidence, outputs };
}

function count(checks: number): string {
  return checks === 1 ? '1 check' : `${checks} checks`;
}
