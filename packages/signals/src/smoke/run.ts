import { type Clock, type Duration, formatDuration, type Http, type Log } from '@slipway/kernel';
import type { SmokeCheck } from '@slipway/release';
import { describeExpectation } from '../checks/assertions.ts';
import { type ConsensusResult, describeAnswers, reachConsensus } from '../checks/consensus.ts';
import { type RepeatResult, repeatRequest } from '../checks/repeat-request.ts';
import { shownUrl } from '../excerpt.ts';
import type { PlannedCheck, SmokePlan } from './plan.ts';

/** What a smoke test works with. */
export interface SmokeContext {
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  log: Pick<Log, 'info'>;
}

export interface SmokeResult {
  /** null: the version is not checked. */
  consensus: ConsensusResult | null;
  /** Empty when the version check failed: they would prove the wrong version. */
  checks: SmokeCheck[];
  ms: Duration;
}

/** Between two attempts of a check. */
const intervalMs = 500;

/**
 * Checks which version answers, then everything else concurrently, each check repeated until it holds, all under one
 * deadline. @throws Cancelled
 */
export async function runSmoke(context: SmokeContext, plan: SmokePlan): Promise<SmokeResult> {
  const start = context.clock.monotonic();
  const spent = (): Duration => context.clock.monotonic() - start;
  const consensus = plan.version && (await checkVersion(context, plan, plan.version));
  if (consensus && !consensus.ok) return { consensus, checks: [], ms: spent() };
  const left = Math.max(0, plan.withinMs - spent());
  const running = plan.checks.map((check) => runCheck(context, check, plan.timeoutMs, left));
  return { consensus, checks: await Promise.all(running), ms: spent() };
}

async function checkVersion(
  { http, clock, signal, log }: SmokeContext,
  { withinMs, timeoutMs }: SmokePlan,
  version: NonNullable<SmokePlan['version']>,
): Promise<ConsensusResult> {
  const result = await reachConsensus({ ...version, withinMs, timeoutMs, http, clock, signal });
  const { ok, answers, ms } = result;
  log.info(`version: ${ok ? 'passed' : 'failed'}: ${describeAnswers(answers)} in ${formatDuration(ms)}`);
  return result;
}

async function runCheck(
  { http, clock, signal, log }: SmokeContext,
  check: PlannedCheck,
  timeoutMs: Duration,
  withinMs: Duration,
): Promise<SmokeCheck> {
  const { request, expected } = check;
  const during = `the check ${check.name}`;
  const common = { timeoutMs, withinMs, intervalMs, during, http, clock, signal };
  const recorded = recordCheck(check, await repeatRequest({ request, expected, ...common }));
  log.info(`${recorded.name}: ${recorded.state}: ${recorded.detail}`);
  return recorded;
}

/** One check, for the record. */
function recordCheck({ name, request, expected }: PlannedCheck, result: RepeatResult): SmokeCheck {
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

/** Failures that a sentence names; the report lists all. */
const maxShown = 3;

/** What failed, as part of a sentence; null when everything passed. Pure. */
export function describeSmokeFailure(plan: SmokePlan, { consensus, checks }: SmokeResult): string | null {
  if (plan.version && consensus && !consensus.ok) {
    const { expected, samples, url } = plan.version;
    const run = `at most ${consensus.maxRun} of ${samples} connections in a row answered ${expected}`;
    const within = `within ${formatDuration(plan.withinMs)}`;
    return `${run} ${within} at ${shownUrl(url)}; answers: ${describeAnswers(consensus.answers)}`;
  }
  const failed = checks.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return null;
  const shown = failed.slice(0, maxShown).map(({ name, url, detail }) => `${name} (${url}): ${detail}`);
  const more = failed.length > maxShown ? ` | and ${failed.length - maxShown} more` : '';
  const all = checks.length === 1 ? '1 check' : `${checks.length} checks`;
  return `${failed.length} of ${all} failed: ${shown.join(' | ')}${more}`;
}
