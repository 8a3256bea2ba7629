import type { Clock, Log, Redactor } from '@slipway/kernel';
import type { Client } from 'pg';
import type { RunSettings } from './transaction-text.ts';

/** Where files are applied: the connections, and what limits a run. */
export interface ApplyTarget extends RunSettings {
  /** Does the work. */
  worker: Client;
  /** Inspects the worker from outside while it waits. */
  observer: Client;
  /** Asked before each try. @throws Fault when the lock of the run was lost. */
  assertHeld(): Promise<void>;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  redactor: Redactor;
}
