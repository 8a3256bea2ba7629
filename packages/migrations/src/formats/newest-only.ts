import type { AppliedMigration } from './format.ts';
import { compareNumbers } from './order.ts';

/**
 * Distinguishes files that were merged late from those that the tool applied, where one row covers all files up to it.
 * Above everything that is recorded, the tool was run without Slipway: those files count as applied, and are recorded by
 * the next run that runs anything. Below, a file that is not recorded did not exist when that was recorded: it has not
 * run. Before anything is recorded, all count as applied. Pure.
 * @param rows As inferred from the files. @param known Versions that Slipway ran to their end, or found and recorded.
 * @returns the rows that hold, and the versions among them that are to be recorded.
 */
export function settleInferredRows(
  rows: readonly AppliedMigration[],
  known: readonly string[],
): { rows: AppliedMigration[]; unrecorded: string[] } {
  const highest = known.reduce<string | null>(
    (max, one) => (max === null || compareNumbers(one, max) > 0 ? one : max),
    null,
  );
  const has = (version: string): boolean => known.some((one) => compareNumbers(one, version) === 0);
  const held = rows.filter(
    ({ version }) => highest === null || compareNumbers(version, highest) > 0 || has(version),
  );
  const unrecorded = held.filter(({ version, state }) => state === 'applied' && !has(version));
  return { rows: held, unrecorded: unrecorded.map(({ version }) => version) };
}
