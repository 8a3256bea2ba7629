import type { PreflightConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Platform } from '@slipway/platform';
import { openRegistry } from '@slipway/registry';
import { type ChecklistItem, chooseNextRollback, releaseName } from '@slipway/release';
import type { ActionContext } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { reachTarget, readState, rehearseRestore } from '@slipway/transaction';
import { type Finding, passed, skipped } from './checklist.ts';
import type { ReadSections } from './configuration.ts';

/** A registry that does not answer decides nothing; it need not be waited for. */
const registryRetryMs = 5000;

/**
 * Rehearses what a rollback of this release would restore. A schema that was contracted since fails nothing: what is wrong
 * can only be fixed by a newer release then, and it must not be refused.
 */
export async function judgeRollbackPath(
  { config, unread }: ReadSections,
  context: ActionContext<unknown, 'preflight'>,
): Promise<Finding> {
  const { services, target, programs = {} } = config;
  if (!services || !target || unread.has('target'))
    return skipped('not checked: its section of the configuration could not be read');
  const { environment, clock, signal, log } = context;
  const { app, preflight } = context.config;
  const opening = { ...context, config: { app, services, target } };
  const platform = await reach(opening, programFinder({ ...context, config: { programs } }));
  if (platform === null) return skipped('not checked: the target cannot be reached');
  const state = await readState({ store: platform.store, scope: { app, environment }, clock, signal, log });
  const choice = chooseNextRollback(state);
  if (choice.kind !== 'restore')
    return passed(
      'nothing to go back to: a rollback removes what this release creates, and restores what it finds',
    );
  const what = choice.to ? releaseName(choice.to) : 'what ran before';
  if (choice.contracted)
    return skipped(
      `not checked: ${releaseName(choice.contracted)} contracted the database schema, so that a rollback to ${what} is refused`,
    );
  const registry = openRegistry(context, { retryForMs: registryRetryMs });
  return judge(what, await rehearseRestore(opening, { platform, registry }, choice), preflight);
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

function judge(
  what: string,
  items: readonly ChecklistItem[],
  { 'rollback-path': rule }: PreflightConfig,
): Finding {
  const problems = items.filter(({ state }) => state !== 'passed');
  if (problems.length === 0)
    return passed(`a rollback can restore ${what}: images and configuration are there`);
  const why = `a rollback to ${what} cannot be done: ${problems.map(({ evidence }) => evidence).join('; ')}`;
  if (rule === 'optional')
    return { state: 'waived', evidence: `preflight.rollback-path is optional; ${why}` };
  const remedies = problems.flatMap(({ remedy }) => remedy ?? []);
  return {
    state: problems.some(({ state }) => state === 'failed') ? 'failed' : 'unknown',
    evidence: why,
    remedy: [...remedies, 'Or set preflight.rollback-path to optional.'].join(' '),
  };
}
