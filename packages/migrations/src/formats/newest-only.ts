import type { AppliedMigration } from './format.ts';
import { compareNumbers } from './order.ts';

/**
 * Tells files that were merged late from those that the tool applied, where one row stands for all files up to it. Above
 * everything that is noted, the tool went on by itself: those count as applied, and are written down by the next run that
 * runs anything. Below, what is not noted was not there when that was written: it has not run. Before anything is noted,
 * all count as applied. Pure.
 * @param rows As inferred from the files. @param known Versions that Slipway ran to their end, or found and wrote down.
 * @returns the rows that hold, and the versions among them that are to be written down.
 */
export function settleInferredRows(
  rows: readonly AppliedMigration[],
  known: readonly string[],
): { rows: AppliedMigration[]; unrecorded: string[] } {
  const highest = known.reduce<string | null>(
    (most, one) => (most === null || compareNumbers(one, most) > 0 ? one : most),
    null,
  );
  const has = (version: string): boolean => known.some((one) => compareNumbers(one, version) === 0);
  const held = rows.filter(
    ({ version }) => highest === null || compareNumbers(version, highest) > 0 || has(version),
  );
  const unrecorded = held.filter(({ version, state }) => state === 'applied' && !has(version));
  return { rows: held, unrecorded: unrecorded.map(({ version }) => version) };
}
