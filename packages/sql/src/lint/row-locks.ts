import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { walk } from './ast.ts';
import { lock, lockOn, type RelationLock } from './lock-mode.ts';
import { rowChanges } from './row-changes.ts';

/** What reading and changing rows takes; names of WITH are not tables. */
export function rowLocks(statement: SqlStatement): RelationLock[] {
  if (!/^(?:Select|Insert|Update|Delete|Merge|CreateTableAs|View|Copy)Stmt$/.test(statement.tag)) return [];
  const changed = rowChanges(statement).map(({ table }) => lock(table, 'ROW EXCLUSIVE', 'while it runs'));
  const locking = statement.tag === 'SelectStmt' && statement.node.lockingClause !== undefined;
  const withs = new Set<string>();
  const read: RangeVar[] = [];
  walk(statement.node, (name, node) => {
    if (name === 'CommonTableExpr') withs.add((node as { ctename?: string }).ctename ?? '');
    if (name === 'RangeVar') read.push(node as RangeVar);
  });
  const copied = statement.tag === 'CopyStmt' ? statement.node : undefined;
  if (copied?.is_from) changed.push(...lockOn(copied.relation, 'ROW EXCLUSIVE', 'while it runs'));
  else if (copied?.relation) read.push(copied.relation);
  const own = new Set(changed.map(({ relation }) => relation));
  return [
    ...changed,
    ...read
      .filter(({ schemaname, relname }) => schemaname !== undefined || !withs.has(relname ?? ''))
      .map((table) => lock(table, locking ? 'ROW SHARE' : 'ACCESS SHARE', 'while it runs'))
      .filter(({ relation }) => !own.has(relation)),
  ];
}
