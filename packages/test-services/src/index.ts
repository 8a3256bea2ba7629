export { type BaseImages, baseImages } from './base-images.ts';
export { findChromium } from './chromium.ts';
export { type Engine, startEngine } from './engine.ts';
export { importImage } from './image.ts';

export type { Cluster } from './kubernetes/cluster.ts';
export { startCluster } from './kubernetes/start.ts';
export { newestPostgres } from './newest-postgres.ts';
export { type ObjectStore, startObjectStore } from './object-store.ts';
export { type PgBouncer, startPgBouncer } from './pgbouncer.ts';
export { findFreePort } from './port.ts';
export { type Postgres, type Role, startPostgres } from './postgres.ts';
export { postgres17 } from './postgres-17.ts';
export { execOrThrow, run } from './program.ts';
export { type Prometheus, startPrometheus } from './prometheus.ts';
export { provision } from './provision.ts';
export { type Registry, startRegistry } from './registry.ts';
export type { Requirement } from './requirements.ts';
export { canStartSpareEngine, type SpareEngine, startSpareEngine } from './spare-engine.ts';
