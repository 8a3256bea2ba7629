import { formatDuration } from '@slipway/kernel';
import type { SmokeCheck } from '@slipway/release';
import type { Result } from '@slipway/runner';
import {
  type ConsensusResult,
  describeAnswers,
  describeExpectation,
  type RepeatResult,
  shownUrl,
} from '@slipway/signals';
import type { PlannedCheck, SmokePlan } from './plan.ts';

/** Failures that the summary names; the report lists all. */
const maxShown = 3;

/** One check, for the record. */
export function recordCheck({ name, request, expected }: PlannedCheck, result: RepeatResult): SmokeCheck {
  const method = request.method === 'GET' ? '' : `${request.method} `;
  return {
    name,
    url: `${method}${shownUrl(request.url)}`,
    state: result.ok ? 'passed' : 'failed',
    attempts: result.attempts,
    ms: result.last.ok ? Math.round(result.last.ms) : null,
    detail: result.ok
      ? describeExpectation(expected)
      : `${result.failures.join('; ')} (${describeAttempts(result)})`,
  };
}

function describeAttempts({ attempts, ms }: RepeatResult): string {
  return `${attempts === 1 ? '1 attempt' : `${attempts} attempts`} in ${formatDuration(ms)}`;
}

/** Several versions answered, or another one: no check was made, since it would prove the wrong version. */
export function versionFailed(
  plan: SmokePlan,
  { expected, samples, url }: NonNullable<SmokePlan['version']>,
  { maxRun, answers }: ConsensusResult,
): Result {
  const run = `at most ${maxRun} of ${samples} connections in a row answered ${expected}`;
  const within = `within ${formatDuration(plan.withinMs)}`;
  const skipped = plan.checks.length === 1 ? '1 check was' : `${plan.checks.length} checks were`;
  return {
    outcome: 'failed',
    summary: `Smoke test failed: ${run} ${within} at ${shownUrl(url)}; answers: ${describeAnswers(answers)}. ${skipped} skipped.`,
    hint: `Check whether an old replica, a cache or another deployment answers there, and whether the application reports ${expected}.`,
    evidence: { kind: 'smoke', consensus: { expected, answers }, checks: [] },
    outputs: { checks: '1', failed: '1' },
  };
}

/** All checks in one sentence. One failed check fails the test, and so does a test without checks. */
export function verdict(
  { version }: SmokePlan,
  result: ConsensusResult | null,
  checks: SmokeCheck[],
  ms: number,
): Result {
  const failed = checks.filter(({ state }) => state === 'failed');
  const consensus = version && result ? { expected: version.expected, answers: result.answers } : null;
  const evidence = { kind: 'smoke' as const, consensus, checks };
  const made = checks.length + (result ? 1 : 0);
  const outputs = { checks: String(made), failed: String(failed.length) };
  if (checks.length === 0)
    return { outcome: 'failed', summary: 'Smoke test failed: nothing was checked.', evidence };
  if (failed.length > 0) {
    const shown = failed.slice(0, maxShown).map(({ name, url, detail }) => `${name} (${url}): ${detail}`);
    const more = failed.length > maxShown ? ` | and ${failed.length - maxShown} more` : '';
    return {
      outcome: 'failed',
      summary: `Smoke test failed: ${failed.length} of ${count(checks.length)} failed: ${shown.join(' | ')}${more}`,
      evidence,
      outputs,
    };
  }
  const proven =
    version && result ? `${version.samples} connections in a row answered ${version.expected}, ` : '';
  const summary = `Smoke test passed: ${proven}${checks.length} of ${count(checks.length)} passed in ${formatDuration(ms)}.`;
  return { outcome: 'passed', summary, evidence, outputs };
}

function count(checks: number): string {
  return checks === 1 ? '1 check' : `${checks} checks`;
}
