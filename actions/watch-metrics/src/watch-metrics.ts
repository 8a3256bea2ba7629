import { formatDuration } from '@slipway/kernel';
import { type Action, type ActionContext, inputSchema, type Result } from '@slipway/runner';
import { percent, recordMetric } from '@slipway/signals';
import * as z from 'zod';
import { planWatch, type WatchPlan } from './plan.ts';
import { type Watched, watch } from './watch.ts';

const inputs = inputSchema({ since: z.string().default('') });
type Context = ActionContext<z.output<typeof inputs>, 'watch'>;

/**
 * Watches the new version serve. A release that breaks an objective fails at once; one that kept all of them to the
 * end, by numbers, passes; everything else is inconclusive.
 */
export const watchMetrics: Action<{ since: z.ZodDefault<z.ZodString> }, 'watch'> = {
  name: 'watch-metrics',
  inputs,
  uses: ['watch'],
  async main(context) {
    const { config, record, http, clock } = context;
    const plan = planWatch({ watch: config.watch, record, since: context.inputs.since, http, clock });
    describePlan(context, plan);
    if (context.dryRun) {
      const what = `${plan.course.metrics.length} metrics would be watched for ${formatDuration(plan.lasts)}`;
      return { outcome: 'skipped', summary: `Dry run: ${what}; nothing was asked.` };
    }
    const watched = await watch(plan, context);
    const { metrics } = plan.course;
    const errors = metrics.find(({ counter }) => counter.id === 'errors');
    return {
      ...conclude(plan, watched),
      evidence: {
        kind: 'watch',
        seconds: watched.moment.at,
        metrics: metrics.map((metric) => recordMetric(metric, watched.moment)),
      },
      outputs: { requests: String(errors?.events ?? 0), errors: String(errors?.bad ?? 0) },
    };
  },
};

function conclude({ inconclusive }: WatchPlan, { verdict, moment }: Watched): Result {
  const took = formatDuration(moment.at * 1000);
  if (verdict.state === 'broken')
    return { outcome: 'failed', summary: `Watch failed after ${took}: ${verdict.why}.` };
  if (verdict.state === 'kept')
    return { outcome: 'passed', summary: `Watch passed after ${took}: ${verdict.metrics}.` };
  const why = verdict.state === 'no-evidence' ? verdict.why : 'the watch ended early';
  const tolerated = inconclusive === 'pass';
  return {
    outcome: 'inconclusive',
    ...(tolerated ? { tolerated } : {}),
    summary: `Watch without a verdict after ${took}: ${why}${tolerated ? ' (watch.inconclusive lets that pass)' : ''}.`,
    hint: 'No data is no proof. Mend the source, or say in watch.inconclusive that this may pass.',
  };
}

function describePlan({ log }: Context, { source, course, lasts, every, minRequests }: WatchPlan): void {
  log.info(`watch for ${formatDuration(lasts)}, a look every ${formatDuration(every)}:`);
  for (const line of source.plan) log.info(`  ${line}`);
  for (const { counter, bet } of course.metrics) {
    const bar = bet
      ? `at most ${percent(counter.objective)}, broken at evidence ${Math.round(bet.bar)}`
      : 'must not grow';
    log.info(`  ${counter.title}: ${bar}`);
  }
  log.info(`  at least ${minRequests === 1 ? '1 request' : `${minRequests} requests`}`);
}
