import { chooseRollback, type RestoreTarget, releaseName, type TargetState } from '@slipway/release';
import { workflowRun } from '@slipway/transaction';
import type { RollbackContext } from './context.ts';

/** What the input `to` chooses on a target in this state. */
export function choose(context: RollbackContext, state: TargetState): ReturnType<typeof chooseRollback> {
  return chooseRollback(state, context.inputs.to, onlyRelease(context), askingRun(context));
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

/** The name of what is restored. */
export function describeDestination({ to }: Pick<RestoreTarget, 'to'>): string {
  return to ? releaseName(to) : 'what ran before';
}
