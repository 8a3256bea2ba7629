import { formatDuration } from '@slipway/kernel';
import { type ContextOf, defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { percent, recordMetric } from '@slipway/signals';
import { holdLease } from '@slipway/transaction';
import * as z from 'zod';
import { planWatch, type WatchPlan } from './plan.ts';
import { type WatchResult, watch } from './watch.ts';

const own = { since: z.string().default('') };
const uses = ['watch', 'programs'] as const;
type Context = ContextOf<typeof own, typeof uses>;

/**
 * Watches the new version serve. A release that breaks an objective fails at once; one that meets all of them to the
 * end, by numbers, passes; everything else is inconclusive.
 */
export const watchMetrics = defineAction({
  name: 'watch-metrics',
  inputs: own,
  uses,
  async main(context) {
    const { config, record, http, clock } = context;
    const plan = planWatch({ watch: config.watch, record, since: context.inputs.since, http, clock });
    describePlan(context, plan);
    if (context.dryRun) {
      const what = `would watch ${plan.state.metrics.length} metrics for ${formatDuration(plan.durationMs)}`;
      return { outcome: 'skipped', summary: `Dry run: ${what}; no request was sent.` };
    }
    const result = await holdLease(context, programFinder(context), (signal) =>
      watch(plan, { ...context, signal }),
    );
    const { metrics } = plan.state;
    const errors = metrics.find(({ counter }) => counter.id === 'errors');
    return {
      ...conclude(plan, result),
      evidence: {
        kind: 'watch',
        seconds: result.moment.atSeconds,
        metrics: metrics.map((metric) => recordMetric(metric, result.moment)),
      },
      outputs: { requests: String(errors?.events ?? 0), errors: String(errors?.bad ?? 0) },
    };
  },
});

function conclude({ inconclusive }: WatchPlan, { verdict, moment }: WatchResult): Result {
  const after = formatDuration(moment.atSeconds * 1000);
  if (verdict.state === 'broken')
    return { outcome: 'failed', summary: `Watch failed after ${after}: ${verdict.why}.` };
  if (verdict.state === 'met')
    return { outcome: 'passed', summary: `Watch passed after ${after}: ${verdict.metrics}.` };
  const why = verdict.state === 'no-evidence' ? verdict.why : 'the watch stopped early';
  const tolerated = inconclusive === 'pass';
  return {
    outcome: 'inconclusive',
    ...(tolerated ? { tolerated } : {}),
    summary: `Watch inconclusive after ${after}: ${why}${tolerated ? ' (allowed by watch.inconclusive)' : ''}.`,
    hint: 'Fix the metrics source and re-run this job, or set watch.inconclusive to pass.',
  };
}

function describePlan(
  { log }: Context,
  { source, state, durationMs, intervalMs, minRequests }: WatchPlan,
): void {
  log.info(`watch for ${formatDuration(durationMs)}, one sample every ${formatDuration(intervalMs)}:`);
  for (const line of source.plan) log.info(`  ${line}`);
  for (const { counter, bet } of state.metrics) {
    const limit = bet
      ? `at most ${percent(counter.objective)}, broken at evidence ${Math.round(bet.bar)}`
      : 'must not increase';
    log.info(`  ${counter.title}: ${limit}`);
  }
  log.info(`  at least ${minRequests === 1 ? '1 request' : `${minRequests} requests`}`);
}
