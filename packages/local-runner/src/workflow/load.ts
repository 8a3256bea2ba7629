import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import type { RunOptions } from '../options.ts';
import { checkPermissions } from './check-permissions.ts';
import type { CallJob, Workflow } from './model.ts';
import { commitOrigin, folderOrigin, type Origin } from './origin.ts';
import { readWorkflow } from './read-workflow.ts';
import { parseReference } from './reference.ts';

/** GitHub's limit for workflows that call workflows. */
const maxDepth = 10;

/**
 * Reads the workflow of a run with all that it calls, and checks what GitHub checks before anything starts.
 * @throws UserError for every reason to refuse that can be seen without running.
 */
export async function loadWorkflow(options: RunOptions): Promise<Workflow> {
  const origin = commitOrigin(options.repository);
  const path = options.workflow.replace(/^\.\//, '');
  const workflow = await readWorkflow(origin, path, path);
  await loadCalled(workflow, options, 1);
  checkPermissions(workflow);
  return workflow;
}

async function loadCalled(workflow: Workflow, options: RunOptions, depth: number): Promise<void> {
  for (const job of workflow.jobs.values()) {
    if (job.kind !== 'call') continue;
    const where = formatLocation(workflow.file, job.line);
    if (depth >= maxDepth) throw new UserError(`${where}: more than ${maxDepth} levels of workflows`);
    job.workflow = await readCalled(workflow, job, options, where);
    if (!job.workflow.call)
      throw new UserError(`${where}: ${job.uses} cannot be called: it has no "workflow_call"`);
    await loadCalled(job.workflow, options, depth + 1);
  }
}

async function readCalled(
  caller: Workflow,
  job: CallJob,
  options: RunOptions,
  where: string,
): Promise<Workflow> {
  const reference = parseReference(job.uses);
  if (!reference || !/^\.github\/workflows\/[^/]+\.ya?ml$/.test(reference.path)) {
    throw new UserError(`${where}: "${job.uses}" names no workflow file`);
  }
  const origin =
    reference.kind === 'remote'
      ? findRepository(options, reference.repository, reference.ref, where)
      : caller.origin;
  const ofCaller = origin.repository === options.repository.name;
  return readWorkflow(
    origin,
    reference.path,
    ofCaller ? reference.path : `${origin.repository}/${reference.path}`,
  );
}

/** Where another repository lies on this machine. @throws UserError when nobody said so. */
export function findRepository(options: RunOptions, name: string, ref: string, where: string): Origin {
  const known = { ...(options.self ? { 'OWNER/slipway': options.self } : {}), ...options.repositories };
  const found = Object.entries(known).find(([one]) => one.toLowerCase() === name.toLowerCase());
  if (found) return folderOrigin(name, found[1], ref);
  throw new UserError(`${where}: the repository ${name} is not on this machine`, {
    hint: `Name its folder in "repositories"; known: ${Object.keys(known).join(', ')}.`,
  });
}
