export { describeExpectation, type Expectation, failures } from './assertions.ts';
export { type Attempted, type AttemptOptions, attempt } from './attempt.ts';
export { type Consensus, type ConsensusOptions, describeAnswers, reachConsensus } from './consensus.ts';
export { excerpt, shownUrl } from './excerpt.ts';
export { type HealthOptions, type Healthy, waitHealthy } from './health.ts';
export { checkPath } from './json-path.ts';
export type { MetricSource } from './page.ts';
export { prometheusSource } from './prometheus-source.ts';
export { scrapeSource } from './scrape-source.ts';
export { seriesNames, watchedCounters } from './tally.ts';
export { WatchCourse, type WatchOptions } from './watch-course.ts';
export {
  describeProgress,
  judge,
  type Moment,
  percent,
  recordMetric,
  type WatchVerdict,
} from './watch-verdict.ts';
