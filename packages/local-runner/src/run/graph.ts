import type { Result } from '../events.ts';
import type { Status } from '../expressions/scope.ts';
import type { Workflow } from '../workflow/model.ts';

/** All jobs that must have finished before this one, near and far: these are what the status functions of a job ask. */
export function ancestors(workflow: Workflow, id: string): string[] {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const need of workflow.jobs.get(one)?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(id);
  return [...found];
}

/** `success()` and the others in the `if` of a job. A skipped ancestor is not a success. */
export function jobStatus(results: readonly Result[], cancelled: boolean): Status {
  return {
    success: !cancelled && results.every((result) => result === 'success'),
    failure: results.includes('failure'),
    cancelled,
  };
}

/** The result of several jobs together: of a called workflow, or of the run. */
export function combine(results: readonly Result[]): Result {
  if (results.includes('failure')) return 'failure';
  if (results.includes('cancelled')) return 'cancelled';
  return results.length > 0 && results.every((result) => result === 'skipped') ? 'skipped' : 'success';
}
