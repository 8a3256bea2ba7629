import type { ProgramsConfig, ServiceConfig } from '@slipway/config';
import type { Clock, Exec, Log, Redactor } from '@slipway/kernel';

/** A program that can drive a platform, by the name that a pin has in the configuration. */
export type ProgramName = Exclude<keyof ProgramsConfig, 'pg_dump'>;

/** The start of a command line: found on PATH, or a pinned program by its path. Arguments are appended. */
export type ProgramCommand = readonly [string, ...string[]];

/** What every platform is opened with. */
export interface OpenOptions {
  config: { app: string; services: Readonly<Record<string, ServiceConfig>> };
  environment: string;
  /** Root of the repository; paths of the configuration are relative to it. */
  workspace: string;
  /** Folder of this step, for temporary files. */
  temp: string;
  exec: Exec;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

/** The same with the programs that drive the platform. */
export interface PlatformOptions<Program extends ProgramName> extends OpenOptions {
  programs: Readonly<Record<Program, ProgramCommand>>;
}
