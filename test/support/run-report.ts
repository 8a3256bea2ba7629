import type { RunnerEvent, RunResult } from '@slipway/local-runner';
import type { TargetState } from '../../demo/target-state.ts';

/** What a whole run of a workflow did, and what users noticed. */
export interface RunReport {
  result: RunResult;
  /** Results of jobs, without the name of the calling job where there is only one. */
  results: Record<string, string>;
  errors: string[];
  before: TargetState;
  after: TargetState;
  /** Requests of users of production that failed at the same time. */
  failed: number;
  event(type: RunnerEvent['type'], job?: string): RunnerEvent | undefined;
}

/** The outcome of each step of a job that has one. */
export const outcomes = ({ result }: RunReport, job: string): Record<string, string | undefined> =>
  Object.fromEntries(
    (result.jobs[job]?.steps ?? [])
      .filter(({ outputs }) => outputs.outcome)
      .map(({ id, outputs }) => [id, outputs.outcome]),
  );

/** The digests that the build of an environment reported, by service. */
export const digests = ({ result }: RunReport, environment: string): Record<string, string> =>
  JSON.parse(
    result.jobs[`${environment}.build`]?.steps.find(({ id }) => id === 'build')?.outputs.digests ?? '{}',
  );
