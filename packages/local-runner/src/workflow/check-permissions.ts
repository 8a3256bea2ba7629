import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import type { CallJob, Workflow } from './model.ts';
import { defaultPermissions, excess, type Permissions } from './permissions.ts';

/**
 * Checks what GitHub checks before a run starts: the permissions of a calling job are a ceiling for the called
 * workflow and for all of its jobs, also for those that would be skipped.
 * @throws UserError in GitHub's words.
 */
export function checkPermissions(workflow: Workflow, ceiling: Permissions = defaultPermissions): void {
  for (const job of workflow.jobs.values()) {
    if (job.kind !== 'call' || !job.workflow) continue;
    const granted = job.permissions ?? workflow.permissions ?? ceiling;
    checkCalled(workflow, job, job.workflow, granted);
    checkPermissions(job.workflow, granted);
  }
}

function checkCalled(caller: Workflow, job: CallJob, called: Workflow, granted: Permissions): void {
  const refuse = (who: string, asked: Permissions | undefined): void => {
    const over = asked && excess(asked, granted);
    if (!over) return;
    throw new UserError(
      `The workflow is not valid. ${formatLocation(caller.file, job.line)}: Error calling workflow '${job.uses}'. ${who} ${over}.`,
    );
  };
  refuse('The workflow', called.permissions);
  for (const nested of called.jobs.values()) refuse(`The nested job '${nested.id}'`, nested.permissions);
}
