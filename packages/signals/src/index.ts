export { type HealthOptions, type Healthy, waitHealthy } from './health.ts';
