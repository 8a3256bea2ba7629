import { quoteLiteral, readSchemaSnapshot } from '@slipway/postgres';
import type { ApplyTarget } from '../run/apply-target.ts';
import { runWork } from '../run/batch.ts';
import { downWork } from '../run/work.ts';
import { saveSchemaBaseline, schemaTableFor } from '../verify/schema-baseline.ts';
import type { Reversal, Reversible } from './reversal.ts';
import { downsTableFor, relationExists } from './saved-downs.ts';

/**
 * Takes migrations back, each in a transaction of its own together with its rows: what fails is as it was, and what ran
 * before it stays taken back. Run again, it continues there.
 * @param onReverted Gets each version that is not applied any more.
 * @throws Fault of the down migration that does not run; Cancelled.
 */
export async function revertMigrations(
  target: ApplyTarget,
  { downs }: Pick<Reversal, 'downs'>,
  onReverted: (version: string) => void,
): Promise<void> {
  for (const down of downs) {
    const { file, sql } = down;
    await runWork(target, downWork({ file, sql }, rowsOf(down)));
    onReverted(down.version);
  }
}

/** SQL that deletes what is recorded of a migration. */
function rowsOf({ version, forget, journal }: Reversible): string[] {
  const where = `WHERE version = ${quoteLiteral(version)}`;
  return [
    ...(forget === '' ? [] : [forget]),
    `DELETE FROM ${journal} ${where}`,
    `DELETE FROM ${downsTableFor(journal)} ${where}`,
  ];
}

/** Saves the schema as it is now, for the next release to compare with; where no release saves it, nothing. */
export async function saveRevertedSchema(
  { worker }: Pick<ApplyTarget, 'worker'>,
  { downs }: Pick<Reversal, 'downs'>,
  { release, server }: { release: string; server: string },
): Promise<void> {
  const first = downs.at(-1);
  if (!first) return;
  const table = schemaTableFor(first.journal);
  if (!(await relationExists(worker, table))) return;
  const schema = await readSchemaSnapshot(worker);
  await saveSchemaBaseline(worker, table, { release, server, applied: first.appliedBefore, schema });
}
