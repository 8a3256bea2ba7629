import type { SqlStatement } from '../../syntax/grammar.ts';
import type { Script } from '../../syntax/script.ts';
import { alterations, droppedNames } from '../ast.ts';
import type { Hit } from '../finding.ts';
import { ofRange, sqlName, sqlOf } from '../names.ts';
import { rowChanges } from '../row-changes.ts';

/**
 * What a down file cannot bring back; `null` when there is none although the format has such files. A rollback of the
 * database is then no way out, and the plan says so.
 */
export function downHits(up: Script, down: Script | null): { rule: string; hit: Hit }[] {
  const offset = up.statements[0]?.offset ?? 0;
  if (down === null) {
    const message = 'there is no down file: the database can only go forward from here';
    return [
      {
        rule: 'no-down',
        hit: {
          offset,
          message,
          remedy: 'Write one, or continue without one: the rollback of the application does not need it.',
        },
      },
    ];
  }
  const filled = new Set(up.statements.flatMap(filledBy));
  const lost = down.statements.flatMap(lostBy).filter((name) => filled.has(name));
  const gone = up.statements.flatMap(lostBy);
  const problems = [
    ...lost.map((name) => `the down file drops ${name}, and with it what this file wrote there`),
    ...gone.map((name) => `this file drops ${name}: a down file can create it again, but empty`),
  ];
  return problems.map((message) => ({
    rule: 'irreversible-down',
    hit: {
      offset,
      message,
      remedy: 'Plan to roll forward: after this file only a backup brings the values back.',
    },
  }));
}

/** Columns and tables that get values. */
function filledBy(statement: SqlStatement): string[] {
  const columns = statement.tag === 'UpdateStmt' ? (statement.node.targetList ?? []) : [];
  return rowChanges(statement).flatMap(({ table, what }) => {
    const t = sqlOf(ofRange(table));
    if (what === 'INSERT') return [t];
    return columns.flatMap((node) =>
      'ResTarget' in node ? [`${t}.${sqlName(node.ResTarget.name ?? '')}`] : [],
    );
  });
}

function lostBy(statement: SqlStatement): string[] {
  if (statement.tag === 'DropStmt' && statement.node.removeType === 'OBJECT_TABLE')
    return droppedNames(statement.node.objects).map(sqlOf);
  return alterations(statement).flatMap(({ cmd, table }) =>
    cmd.subtype === 'AT_DropColumn' ? [`${sqlOf(ofRange(table))}.${sqlName(cmd.name ?? '')}`] : [],
  );
}
