import type { RolloutFailure } from '@slipway/platform';
import type { Container } from './container.ts';
import type { ComposeTarget } from './target.ts';

/** Why a step of a rollout failed, for the one place that restores the traffic to the old containers. */
export interface StepFailure extends Pick<RolloutFailure, 'reason' | 'hint' | 'details'> {
  ok: false;
}

export type StepResult = { ok: true } | StepFailure;

/** A failure that a container caused, with the end of its log and the answer of its last health check. */
export async function containerFailure(
  { engine }: ComposeTarget,
  container: Container,
  reason: string,
): Promise<StepFailure> {
  const probe = container.lastProbe.isEmpty
    ? []
    : ['answer of its last health check:', ...container.lastProbe.tail(3)];
  return {
    ok: false,
    reason,
    hint: 'Fix what the last lines of its log report, then deploy again.',
    details: [...(await engine.lastLines(container)), ...probe],
  };
}
