import * as path from 'node:path';
import { isMapping } from '@actions/workflow-parser/templates/tokens/type-guards';
import { UserError } from '@slipway/kernel';
import { formatLocation, resolve, resolveText } from '../expressions/evaluate.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Template } from '../workflow/model.ts';
import type { Turn } from './lanes.ts';
import type { RunState } from './run-state.ts';

/** Waits for the concurrency group of a job, if it names one. */
export async function takeTurn(
  state: RunState,
  concurrency: Template | undefined,
  scope: Scope,
  giveUp: AbortSignal,
): Promise<Turn> {
  if (!concurrency) return { granted: true, leave: () => undefined };
  if (!isMapping(concurrency)) return state.lanes.enter(resolveText(concurrency, scope), false, giveUp);
  const said = resolve(concurrency, scope) as Record<string, unknown>;
  if (said['cancel-in-progress'] === true) {
    const where = formatLocation(scope.file, concurrency.line);
    throw new UserError(`${where}: cancel-in-progress is not implemented by the local runner`);
  }
  return state.lanes.enter(String(said.group ?? ''), said.queue === 'max', giveUp);
}

/**
 * Whether the environment keeps the job of this branch or tag out, as its deployment branches and tags do: the job then
 * fails before it has a machine.
 */
export function refuseRef(state: RunState, environment: string, job: string): boolean {
  const allowed = state.options.environments?.[environment]?.refs;
  const { ref } = state.options.repository;
  if (!allowed || allowed.some((pattern) => path.matchesGlob(ref, pattern))) return false;
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const what = `${kind === 'tags' ? 'Tag' : 'Branch'} "${name ?? ref}"`;
  state.emit({
    ...{ type: 'annotation', level: 'error', at: Date.now(), job, step: '' },
    message: `${what} is not allowed to deploy to ${environment} due to environment protection rules.`,
  });
  return true;
}

export type Answer = 'approved' | 'rejected' | 'cancelled';

/** Asks whoever may approve a job of a reviewed environment. */
export async function askApproval(
  state: RunState,
  environment: string,
  job: string,
  giveUp: AbortSignal,
): Promise<Answer> {
  const { environments, approve } = state.options;
  if (!environments?.[environment]?.reviewers) return 'approved';
  if (!approve) throw new UserError(`the environment ${environment} has reviewers, but nobody can be asked`);
  state.emit({ type: 'approval-waiting', at: Date.now(), job, environment });
  const cancelled = new Promise<'cancelled'>((resolve) => {
    const give = (): void => resolve('cancelled');
    if (giveUp.aborted) give();
    else giveUp.addEventListener('abort', give, { once: true });
  });
  const answer = await Promise.race([approve({ environment, job }), cancelled]);
  if (answer !== 'cancelled')
    state.emit({ type: 'approval-given', at: Date.now(), job, environment, answer });
  return answer;
}
