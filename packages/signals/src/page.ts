import type { Sample } from './prometheus-text.ts';

/** The gauge that tells when a process started, in seconds since the epoch, by the convention of client libraries. */
export const processStart = 'process_start_time_seconds';

/** Counters of one instance at one moment. */
export interface Page {
  /** Tells instances apart; null when the page says nothing of itself. */
  instance: string | null;
  /** Where it was read. */
  target: string;
  /** Start of the process in seconds since the epoch, when it is known. */
  started: number | null;
  /** When it was true, in seconds since the epoch. */
  at: number;
  samples: readonly Sample[];
}

/** What one look brought. */
export interface Look {
  pages: Page[];
  /** Targets that answered this time. */
  answered: string[];
  /** Targets that did not answer, and how. After they did before, this speaks against the release. */
  silent: { target: string; why: string }[];
  /** Why a target could not be judged this time. This speaks neither for nor against the release. */
  unreadable: { target: string; why: string }[];
}

/** Where the numbers come from. */
export interface MetricSource {
  /** What is asked for, line by line, for people. */
  plan: readonly string[];
  /** What must have been read for a verdict. */
  targets: readonly string[];
  /** Looks once; what cannot be read is part of the answer. Ends within 100 ms when the signal aborts. */
  look(signal: AbortSignal): Promise<Look>;
}
