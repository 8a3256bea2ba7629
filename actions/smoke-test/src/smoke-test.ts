import { type Duration, formatDuration } from '@slipway/kernel';
import type { SmokeCheck } from '@slipway/release';
import { type ContextOf, defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import {
  type ConsensusResult,
  describeAnswers,
  reachConsensus,
  repeatRequest,
  shownUrl,
} from '@slipway/signals';
import { holdLease } from '@slipway/transaction';
import { type PlannedCheck, planSmoke, type SmokePlan } from './plan.ts';
import { recordCheck, verdict, versionFailed } from './verdict.ts';

const uses = ['smoke', 'programs'] as const;
type Context = ContextOf<Record<never, never>, typeof uses>;

/** Between two attempts of a check. */
const intervalMs = 500;

/**
 * Checks which version answers, then everything else concurrently, each check repeated until it holds, all under one
 * deadline. A check that gets no response fails.
 */
export const smokeTest = defineAction({
  name: 'smoke-test',
  inputs: {},
  uses,
  async main(context) {
    const plan = planSmoke(context.config.smoke, context.record.version);
    if (context.dryRun) return list(context, plan);
    return holdLease(context, programFinder(context), (signal) => test({ ...context, signal }, plan));
  },
});

async function test(context: Context, plan: SmokePlan): Promise<Result> {
  const start = context.clock.monotonic();
  const spent = (): Duration => context.clock.monotonic() - start;
  const consensus = plan.version && (await checkVersion(context, plan, plan.version));
  if (plan.version && consensus && !consensus.ok) return versionFailed(plan, plan.version, consensus);
  const left = Math.max(0, plan.withinMs - spent());
  const checks = await Promise.all(
    plan.checks.map((check) => runCheck(context, check, plan.timeoutMs, left)),
  );
  return verdict(plan, consensus, checks, spent());
}

async function checkVersion(
  { http, clock, signal, log }: Context,
  { withinMs, timeoutMs }: SmokePlan,
  version: NonNullable<SmokePlan['version']>,
): Promise<ConsensusResult> {
  const result = await reachConsensus({ ...version, withinMs, timeoutMs, http, clock, signal });
  const { ok, answers, ms } = result;
  log.info(`version: ${ok ? 'passed' : 'failed'}: ${describeAnswers(answers)} in ${formatDuration(ms)}`);
  return result;
}

async function runCheck(
  { http, clock, signal, log }: Context,
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

function list({ log }: Context, { version, checks }: SmokePlan): Result {
  if (version) {
    const { samples, url, json, expected } = version;
    log.info(`GET ${shownUrl(url)}, until ${samples} connections in a row answer ${expected} at ${json}`);
  }
  for (const { name, request } of checks) log.info(`${request.method} ${shownUrl(request.url)} (${name})`);
  const requests = checks.length + (version ? 1 : 0);
  return {
    outcome: 'skipped',
    summary: `Dry run: would request ${requests === 1 ? '1 URL' : `${requests} URLs`}; no request was sent.`,
    outputs: { checks: '0', failed: '0' },
  };
}
