export { type Expectation, failures } from './checks/assertions.ts';
export { reachConsensus } from './checks/consensus.ts';
export { healthFingerprint, waitHealthy } from './checks/health.ts';
export { checkPath } from './checks/json-path.ts';
export { repeatRequest } from './checks/repeat-request.ts';
export { shownUrl } from './excerpt.ts';
export { planSmoke, type SmokePlan } from './smoke/plan.ts';
export { describeSmokeFailure, runSmoke, type SmokeResult } from './smoke/run.ts';
export { openSource } from './sources/index.ts';
export type { MetricsSource } from './sources/source.ts';
export { WatchState } from './watch/watch-state.ts';
export {
  describeProgress,
  judge,
  percent,
  recordMetric,
  type WatchMoment,
  type WatchVerdict,
} from './watch/watch-verdict.ts';
export { seriesNames, watchedCounters } from './watch/watched-counters.ts';
