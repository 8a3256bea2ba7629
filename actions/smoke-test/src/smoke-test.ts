import { type ContextOf, defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { planSmoke, runSmoke, type SmokePlan, shownUrl } from '@slipway/signals';
import { holdLease } from '@slipway/transaction';
import { verdict } from './verdict.ts';

const uses = ['smoke', 'programs'] as const;
type Context = ContextOf<Record<never, never>, typeof uses>;

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
    return holdLease(context, programFinder(context), async (signal) =>
      verdict(plan, await runSmoke({ ...context, signal }, plan)),
    );
  },
});

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
