export { describeExpectation, type Expectation, failures } from './checks/assertions.ts';
export {
  type ConsensusOptions,
  type ConsensusResult,
  describeAnswers,
  reachConsensus,
} from './checks/consensus.ts';
export { type HealthOptions, type HealthResult, waitHealthy } from './checks/health.ts';
export { checkPath } from './checks/json-path.ts';
export { type RepeatOptions, type RepeatResult, repeatRequest } from './checks/repeat-request.ts';
export { shownUrl } from './excerpt.ts';
export { openSource } from './sources/index.ts';
export type { MetricsSource } from './sources/source.ts';
export { type WatchOptions, WatchState } from './watch/watch-state.ts';
export {
  describeProgress,
  judge,
  percent,
  recordMetric,
  type WatchMoment,
  type WatchVerdict,
} from './watch/watch-verdict.ts';
export { seriesNames, watchedCounters } from './watch/watched-counters.ts';
