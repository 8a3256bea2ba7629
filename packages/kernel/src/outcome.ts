/**
 * How an action ended. `refused`: it declined before changing anything; `inconclusive`: the evidence needed for a
 * verdict was missing; `skipped`: there was nothing to do.
 */
export const outcomes = ['passed', 'failed', 'inconclusive', 'refused', 'skipped'] as const;
export type Outcome = (typeof outcomes)[number];

/** Only `passed` and `skipped` exit 0. An action that may treat `inconclusive` as good says so by its own outcome. */
export function exitCode(outcome: Outcome): 0 | 1 {
  return outcome === 'passed' || outcome === 'skipped' ? 0 : 1;
}
