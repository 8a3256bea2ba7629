import { formatDuration } from '@slipway/kernel';
import type { Result } from '@slipway/runner';
import { describeSmokeFailure, type SmokePlan, type SmokeResult } from '@slipway/signals';

/** The whole test in one sentence. One failed check fails it, and so does a test without checks. Pure. */
export function verdict(plan: SmokePlan, result: SmokeResult): Result {
  const { version } = plan;
  const { consensus, checks, ms } = result;
  const recorded = version && consensus ? { expected: version.expected, answers: consensus.answers } : null;
  const evidence = { kind: 'smoke' as const, consensus: recorded, checks };
  const failure = describeSmokeFailure(plan, result);
  if (version && consensus && !consensus.ok) {
    const skipped = plan.checks.length === 1 ? '1 check was' : `${plan.checks.length} checks were`;
    return {
      outcome: 'failed',
      summary: `Smoke test failed: ${failure}. ${skipped} skipped.`,
      hint: `Check whether an old replica, a cache or another deployment answers there, and whether the application reports ${version.expected}.`,
      evidence,
      outputs: { checks: '1', failed: '1' },
    };
  }
  const made = checks.length + (consensus ? 1 : 0);
  const failed = checks.filter(({ state }) => state === 'failed').length;
  const outputs = { checks: String(made), failed: String(failed) };
  if (checks.length === 0)
    return { outcome: 'failed', summary: 'Smoke test failed: nothing was checked.', evidence };
  if (failure !== null)
    return { outcome: 'failed', summary: `Smoke test failed: ${failure}`, evidence, outputs };
  const proven =
    version && consensus ? `${version.samples} connections in a row answered ${version.expected}, ` : '';
  const all = checks.length === 1 ? '1 check' : `${checks.length} checks`;
  const summary = `Smoke test passed: ${proven}${checks.length} of ${all} passed in ${formatDuration(ms)}.`;
  return { outcome: 'passed', summary, evidence, outputs };
}
