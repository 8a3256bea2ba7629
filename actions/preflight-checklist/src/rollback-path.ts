import type { PreflightConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Platform } from '@slipway/platform';
import { chooseNextRollback, describeDestination, releaseName } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import {
  describeRehearsed,
  type Rehearsal,
  reachTarget,
  readState,
  rehearsalProblem,
  rehearseRestore,
} from '@slipway/transaction';
import { type Finding, passed, skipped } from './checklist.ts';
import type { ReadSections } from './configuration.ts';

/**
 * Rehearses what a rollback of this release would restore. A schema that was contracted since fails nothing: what is wrong
 * can only be fixed by a newer release then, and it must not be refused.
 */
export async function judgeRollbackPath(
  { config, unread }: ReadSections,
  context: ActionContext<unknown, 'preflight'>,
): Promise<Finding> {
  const { services, target, programs = {} } = config;
  if (!services || unread.has('target'))
    return skipped('not checked: its section of the configuration could not be read');
  if (!target) return skipped('not checked: the configuration has no target');
  const { app, preflight } = context.config;
  const opening = { ...context, config: { app, services, target } };
  const platform = await reach(opening, programFinder({ ...context, config: { programs } }));
  if (platform === null) return skipped('not checked: the target cannot be reached');
  const choice = chooseNextRollback(await readState(opening, platform.store));
  if (choice.kind !== 'restore')
    return passed(
      `nothing to go back to: ${choice.reason}; a rollback removes what this release creates, and restores what it finds`,
    );
  const what = describeDestination(choice);
  if (choice.contracted)
    return skipped(
      `not checked: ${releaseName(choice.contracted)} contracted the database schema: a rollback to ${what} is refused, unless rollback.database takes that back`,
    );
  return judge(what, await rehearseRestore(opening, platform, choice), preflight);
}

/** null when it cannot be opened, which is the finding of another item. */
async function reach(...given: Parameters<typeof reachTarget>): Promise<Platform | null> {
  try {
    return (await reachTarget(...given)).platform;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function judge(what: string, rehearsed: Rehearsal, { 'rollback-path': rule }: PreflightConfig): Finding {
  const problem = rehearsalProblem(rehearsed.items);
  if (!problem) return passed(`a rollback can restore ${what}: ${describeRehearsed(rehearsed)}`);
  const { state, remedy } = problem;
  const why = `a rollback to ${what} cannot be done: ${problem.why}`;
  if (rule === 'optional')
    return { state: 'waived', evidence: `preflight.rollback-path is optional; ${why}` };
  return {
    state,
    evidence: why,
    remedy: [remedy, 'Or set preflight.rollback-path to optional.'].filter(Boolean).join(' '),
  };
}
