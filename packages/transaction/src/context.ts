import type { ServiceConfig, TargetConfig } from '@slipway/config';
import type { Clock, Exec, Http, Log, Redactor } from '@slipway/kernel';
import type { FindPrograms } from '@slipway/platform';
import type { ReleaseRecord } from '@slipway/release';

/** What the context of an action has that a transaction works with. */
export interface TargetContext {
  config: { app: string; target: TargetConfig | null; services: Readonly<Record<string, ServiceConfig>> };
  environment: string;
  record: ReleaseRecord;
  run: {
    id: string;
    attempt: string;
    job: string;
    runner: string;
    actor: string;
    url: string;
    repository: string;
    repositoryUrl: string;
    apiUrl: string;
  };
  env: Readonly<Record<string, string>>;
  workspace: string;
  temp: string;
  exec: Exec;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}

export interface TransactionOptions {
  find: FindPrograms;
  /** How long to wait for another run that holds the lease. */
  waitMs: number;
  /** Takes the lease from whoever holds it. */
  takeOver: boolean;
  /** Asks GitHub whether the run that holds the lease is over; empty asks nothing. */
  token?: string;
}
