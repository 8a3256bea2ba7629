import { Cancelled, type OutsideText } from '@slipway/kernel';
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

/** What was thrown in a step, as its failure: the old containers get the traffic back all the same. @throws Cancelled */
export function thrownFailure(error: Error & Partial<Pick<StepFailure, 'hint' | 'details'>>): StepFailure {
  if (error instanceof Cancelled) throw error;
  const { message, hint = 'Fix the cause and re-run this job.', details = [] } = error;
  return { ok: false, reason: message, hint, details };
}

/**
 * The ends of the logs of containers that are about to be removed, each under the name of its container.
 * @param known Lines that are reported already.
 */
export async function logTails(
  { engine }: ComposeTarget,
  containers: readonly Container[],
  known: readonly (string | OutsideText)[] = [],
): Promise<(string | OutsideText)[]> {
  const printed = new Set(known.map(String));
  const tails = await Promise.all(
    containers.slice(0, maxTails).map(async (container) => {
      const all = await engine.lastLines(container).catch(() => []);
      const lines = all.filter((line) => !printed.has(String(line)));
      return lines.length > 0 ? [`last log lines of ${container.name}:`, ...lines] : [];
    }),
  );
  return tails.flat();
}

/** Replicas of one release print much the same. */
const maxTails = 3;
