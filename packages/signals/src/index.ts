export { describeExpectation, type Expectation, failures } from './assertions.ts';
export { type Attempted, type AttemptOptions, attempt } from './attempt.ts';
export { type Consensus, type ConsensusOptions, describeAnswers, reachConsensus } from './consensus.ts';
export { excerpt, shownUrl } from './excerpt.ts';
export { type HealthOptions, type Healthy, waitHealthy } from './health.ts';
export { checkPath } from './json-path.ts';
