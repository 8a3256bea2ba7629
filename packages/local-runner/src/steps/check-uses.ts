import { describeError, UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import type { RunOptions } from '../options.ts';
import type { Workflow } from '../workflow/model.ts';
import { readAction } from './action-file.ts';
import { findAction } from './find-action.ts';

/** Finds and reads all actions of a run before it starts, as GitHub downloads them. @throws UserError with file and line. */
export async function checkUses(workflow: Workflow, options: RunOptions): Promise<void> {
  for (const job of workflow.jobs.values()) {
    if (job.kind === 'call') {
      if (job.workflow) await checkUses(job.workflow, options);
      continue;
    }
    for (const { work, line } of job.steps) {
      if (work.kind !== 'uses') continue;
      const where = formatLocation(workflow.file, line);
      const found = await findAction(work.uses, workflow, options, where);
      if (found.kind !== 'folder') continue;
      await readAction(found.folder).catch((cause) => {
        throw new UserError(`${where}: ${describeError(cause)}`);
      });
    }
  }
}
