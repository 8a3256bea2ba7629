import type { SourceConfig, SourceName, WatchConfig } from '@slipway/config';
import type { Clock, Http } from '@slipway/kernel';

/** The gauge that holds when a process started, in seconds since the epoch, by the convention of client libraries. */
export const processStartMetric = 'process_start_time_seconds';

/** One series at one moment. */
export interface SeriesValue {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Counters of one instance at one moment. Times are seconds since the epoch. */
export interface Page {
  /** Distinguishes instances; null when the page does not name one. */
  instance: string | null;
  /** Where it was read. */
  target: string;
  /** Start of the process, when it is known. */
  startedAt: number | null;
  /** When the values were current. */
  at: number;
  samples: readonly SeriesValue[];
}

/** What one sampling of the source brought. */
export interface SourceSample {
  pages: Page[];
  /** Targets that answered this time. */
  answered: string[];
  /** Targets that did not answer, and how. After they did before, this speaks against the release. */
  unreachable: { target: string; why: string }[];
  /** Why a target could not be judged this time. This speaks neither for nor against the release. */
  unreadable: { target: string; why: string }[];
}

/** Where the numbers come from. */
export interface MetricsSource {
  /** The requests of each sample, line by line, for people. */
  plan: readonly string[];
  /** What must have been read for a verdict. */
  targets: readonly string[];
  /** Paths that the source itself requests of the application: its own requests do not count as traffic. */
  ownPaths: readonly string[];
  /** Takes one sample; what cannot be read is part of it. Ends within 100 ms when the signal aborts. */
  sample(signal: AbortSignal): Promise<SourceSample>;
}

/** What a source works with. */
export interface SourceContext {
  watch: WatchConfig;
  /** When the deployment began, in seconds since the epoch. */
  deployedAt: number;
  http: Http;
  clock: Clock;
}

/** What a folder of a source exports: its section in the configuration is `packages/config/src/sources/<name>.ts`. */
export interface SourceManifest<Name extends SourceName> {
  /** Key of its section under `watch`. */
  name: Name;
  open(config: SourceConfig<Name>['config'], context: SourceContext): MetricsSource;
}
