export { configJsonSchema } from './json-schema.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';
export type { PreflightConfig, VariableRule } from './preflight.ts';
export type {
  ComposeConfig,
  Config,
  DatabaseConfig,
  ProgramsConfig,
  Section,
  ServiceConfig,
  SmokeConfig,
  WatchConfig,
} from './schema.ts';
