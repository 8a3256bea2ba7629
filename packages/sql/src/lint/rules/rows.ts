import type { Hit, Rule, Subject } from '../finding.ts';
import { ofRange, sqlOf } from '../names.ts';
import { changingRows, rowChanges } from '../row-changes.ts';

/** Rows below which a change of all of them is over before anybody notices. */
const small = 10_000;

/** Changes of many rows at once. */
export const rowRules: Rule[] = [
  { name: 'change-of-all-rows', level: 'warning', on: changingRows, check: allRows },
  { name: 'rows-and-schema', level: 'warning', on: changingRows, check: rowsAndSchema },
];

function allRows({ statement, schema }: Subject): Hit[] {
  return rowChanges(statement)
    .filter(({ what, limited }) => (what === 'UPDATE' || what === 'DELETE') && !limited)
    .filter(({ table }) => !schema.isNewTable(table) && !isSmall(schema.factsOf(table)?.rows))
    .map(({ table, what }) => {
      const t = sqlOf(ofRange(table));
      return {
        offset: statement.offset,
        message: `${what} without a condition locks every row of ${t} until the file is committed, and leaves as many dead rows: every other change of a row waits`,
        remedy: `Run it in batches of a few thousand rows, each with its own COMMIT, from a job outside the release: ${what === 'UPDATE' ? `UPDATE ${t} SET … WHERE id BETWEEN … AND …;` : `DELETE FROM ${t} WHERE id BETWEEN … AND …;`}`,
      };
    });
}

function isSmall(rows: number | undefined): boolean {
  return rows !== undefined && rows >= 0 && rows < small;
}

function rowsAndSchema({ statement, script, schema }: Subject): Hit[] {
  const changed = rowChanges(statement).find(
    ({ table, what, limited }) =>
      !(what === 'INSERT' && limited) && !schema.isNewTable(table) && !isSmall(schema.factsOf(table)?.rows),
  );
  const change = schema.schemaChangeIn(script.file);
  if (!changed || changed.what === 'INSERT' || !change) return [];
  return [
    {
      offset: statement.offset,
      message: `the lock that line ${change.line} takes on ${change.table} is held until this ${changed.what} of ${sqlOf(ofRange(changed.table))} is done and the file committed`,
      remedy: `Move the ${changed.what} to the next file, so that the schema change is committed at once.`,
    },
  ];
}
