import type { JobResult } from '../events.ts';
import type { RunAgain } from '../options.ts';
import type { Job } from '../workflow/model.ts';
import type { Call } from './call.ts';
import { ancestors } from './graph.ts';

/**
 * What a job and the jobs of the workflow that it calls said in the attempt before, when this one does not run them again:
 * with "Re-run failed jobs" GitHub runs the jobs that failed or were cancelled and all that need them, and keeps results
 * and outputs of the others.
 */
export function resultsBefore(
  again: RunAgain | undefined,
  call: Call,
  job: Job,
): Record<string, JobResult> | undefined {
  if (again?.jobs !== 'failed') return undefined;
  const { jobs } = again.before;
  const failed = [job.id, ...ancestors(call.workflow, job.id)].some((id) =>
    /^(?:failure|cancelled)$/.test(jobs[`${call.prefix}${id}`]?.result ?? 'failure'),
  );
  if (failed) return undefined;
  const own = `${call.prefix}${job.id}`;
  return Object.fromEntries(Object.entries(jobs).filter(([id]) => id === own || id.startsWith(`${own}.`)));
}
