import { type Duration, formatDuration } from '@slipway/kernel';
import type { SmokeCheck } from '@slipway/release';
import {
  type Action,
  type ActionContext,
  type CommonInputs,
  inputSchema,
  type Result,
} from '@slipway/runner';
import { attempt, type Consensus, describeAnswers, reachConsensus, shownUrl } from '@slipway/signals';
import { type PlannedCheck, planSmoke, type SmokePlan } from './plan.ts';
import { recordCheck, verdict, versionFailed } from './verdict.ts';

type Context = ActionContext<CommonInputs, 'smoke'>;

/** Between two attempts of a check. */
const retryEvery = 500;

/**
 * Asks which version answers, then everything else at the same time, each repeated until it is answered right, all
 * under one deadline. What cannot be asked or is not answered fails.
 */
export const smokeTest: Action<Record<never, never>, 'smoke'> = {
  name: 'smoke-test',
  inputs: inputSchema({}),
  uses: ['smoke'],
  async main(context) {
    const plan = planSmoke(context.config.smoke, context.record.version);
    if (context.dryRun) return list(context, plan);
    const start = context.clock.monotonic();
    const spent = (): Duration => context.clock.monotonic() - start;
    const seen = plan.version && (await askVersion(context, plan, plan.version));
    if (seen && !seen.ok) return versionFailed(plan, seen);
    const left = Math.max(0, plan.within - spent());
    const checks = await Promise.all(plan.checks.map((check) => make(context, check, plan, left)));
    return verdict(plan, seen, checks, spent());
  },
};

async function askVersion(
  { http, clock, signal, log }: Context,
  { within, timeout }: SmokePlan,
  version: NonNullable<SmokePlan['version']>,
): Promise<Consensus> {
  const seen = await reachConsensus({ ...version, within, timeout, http, clock, signal });
  log.info(
    `version: ${seen.ok ? 'passed' : 'failed'}: ${describeAnswers(seen.answers)} in ${formatDuration(seen.ms)}`,
  );
  return seen;
}

async function make(
  { http, clock, signal, log }: Context,
  check: PlannedCheck,
  { timeout }: SmokePlan,
  within: Duration,
): Promise<SmokeCheck> {
  const { request, expected } = check;
  const during = `the check ${check.name}`;
  const common = { timeout, within, every: retryEvery, during, http, clock, signal };
  const made = recordCheck(check, await attempt({ request, expected, ...common }));
  log.info(`${made.name}: ${made.state}: ${made.detail}`);
  return made;
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
    summary: `Dry run: ${requests === 1 ? '1 address' : `${requests} addresses`} would be asked; no request was sent.`,
    outputs: { checks: '0', failed: '0' },
  };
}
