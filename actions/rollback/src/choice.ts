import { UserError } from '@slipway/kernel';
import type { Platform } from '@slipway/platform';
import { chooseRollback, type RollbackTarget, restoreProven, type TargetState } from '@slipway/release';
import { findNotServing, workflowRun } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';

/** What the input `to` chooses on a target in this state. */
export function choose(context: RollbackContext, state: TargetState): ReturnType<typeof chooseRollback> {
  return chooseRollback(state, context.inputs.to, onlyRelease(context), askingRun(context));
}

/**
 * What `to` chooses on a target: a proven release that is asked for by its name, and does not serve any more because
 * somebody changed the target, is restored.
 */
export async function chooseOn(
  platform: Pick<Platform, 'observe'>,
  context: RollbackContext,
  state: TargetState,
): Promise<RollbackTarget> {
  const choice = choose(context, state);
  if (choice.kind === 'nothing' && context.inputs.to === 'own') await refuseUnknown(platform, context, state);
  const isNamed = !['own', 'unfinished', 'previous'].includes(context.inputs.to);
  if (choice.kind !== 'nothing' || !choice.proven || !isNamed) return choice;
  const replaced = await findNotServing(platform, choice.proven);
  return replaced.length > 0 ? restoreProven(state, choice.proven) : choice;
}

/**
 * A state that was deleted or altered since the rollout says that there is nothing to roll back; the target knows better.
 * @throws UserError when the release of this run is there, and its entry is gone.
 */
async function refuseUnknown(
  platform: Pick<Platform, 'observe'>,
  context: RollbackContext,
  { releases }: TargetState,
): Promise<void> {
  const own = context.ownRelease();
  if (releases.some(({ id }) => id === own)) return;
  const observed = await platform.observe(Object.keys(context.config.services), [own]);
  const runs = [...observed].filter(([, { replicas }]) => replicas.some(({ release }) => release === own));
  if (runs.length === 0) return;
  const names = runs.map(([name]) => name).join(', ');
  throw new UserError(
    `${own} runs (${names}), but the state of the target has no entry of it: it was deleted or altered since the rollout`,
    {
      hint: 'Start rollback.yml with "to" set to the proven version that mode "status" shows. If there is none, deploy the version that should serve.',
    },
  );
}

/** The only release that may be rolled back, that of this run; undefined when any may. */
export function onlyRelease({
  inputs,
  record,
  ownRelease,
}: RollbackContext): Parameters<typeof chooseRollback>[2] {
  if (inputs.to !== 'own' && inputs.release === '') return undefined;
  const hasFailed = record.phases.some(
    ({ name, outcome, tolerated }) =>
      ['smoke-test', 'watch-metrics'].includes(name) &&
      outcome !== 'passed' &&
      outcome !== 'skipped' &&
      !tolerated,
  );
  return { id: inputs.to === 'own' ? ownRelease() : record.id, hasFailed };
}

/** The run, which takes back no further release when it is run again. The phase alone says what is unfinished. */
export function askingRun(context: RollbackContext): string | null {
  return ['own', 'unfinished'].includes(context.inputs.to) ? null : workflowRun(context);
}
