export type { BackupConfig } from './backup.ts';
export type { DatabaseConfig } from './database.ts';
export { configJsonSchema } from './json-schema.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';
export type { ComposeConfig, KubernetesConfig, ServiceConfig } from './platform.ts';
export type { PreflightConfig, VariableRule } from './preflight.ts';
export type { Config, ProgramsConfig, Section, Use } from './schema.ts';
export type { SmokeConfig, WatchConfig } from './signals.ts';
