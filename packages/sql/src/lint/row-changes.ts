import type { MergeStmt, MergeWhenClause, Node, RangeVar } from 'libpg-query';
import type { NodeTag, SqlStatement } from '../syntax/grammar.ts';
import { walk } from './ast.ts';
import { strings } from './names.ts';

/** A relation that a statement changes rows of. */
export interface RowChange {
  table: RangeVar;
  what: 'UPDATE' | 'DELETE' | 'INSERT' | 'TRUNCATE';
  /** Whether a condition limits it. */
  limited: boolean;
}

/** Statements that change rows when they run; in the body of a function or rule they only might, later. */
export const changingRows: readonly NodeTag[] = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CreateTableAsStmt',
  'CopyStmt',
];

/** Of the node that was asked of last: several rules ask, and the many INSERTs of a file of data share theirs. */
let changed: { node: object; found: readonly RowChange[] } | undefined;

/** The row changes of a statement, also those inside WITH. */
export function rowChanges({ tag, node }: Pick<SqlStatement, 'tag' | 'node'>): readonly RowChange[] {
  if (!changingRows.includes(tag)) return [];
  if (changed?.node !== node) changed = { node, found: readRowChanges(tag, node) };
  return changed.found;
}

const changing = new Set(['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt']);

function readRowChanges(tag: string, node: object): RowChange[] {
  const found: RowChange[] = [];
  walk({ [tag]: node }, (name, value) => {
    if (!changing.has(name)) return;
    const { relation: table, ...body } = value as { relation?: RangeVar } & Record<string, unknown>;
    if (!table) return;
    const limited = 'whereClause' in body && truthOf(body.whereClause as Node) !== true;
    if (name === 'UpdateStmt') found.push({ table, what: 'UPDATE', limited });
    if (name === 'DeleteStmt') found.push({ table, what: 'DELETE', limited });
    if (name === 'InsertStmt') found.push({ table, what: 'INSERT', limited: false });
    if (name === 'InsertStmt' && /ONCONFLICT_UPDATE/.test(JSON.stringify(body.onConflictClause ?? '')))
      found.push({ table, what: 'UPDATE', limited: true });
    if (name === 'MergeStmt') found.push(...mergeChanges(table, body));
  });
  return found;
}

function mergeChanges(table: RangeVar, { mergeWhenClauses = [], joinCondition }: MergeStmt): RowChange[] {
  const clauses = mergeWhenClauses.flatMap((node) =>
    'MergeWhenClause' in node ? [node.MergeWhenClause] : [],
  );
  const joined = joinCondition && truthOf(joinCondition);
  const all = clauses.filter((clause) => reachesAll(clause, clauses, joined));
  return (['UPDATE', 'DELETE', 'INSERT'] as const).flatMap((what): RowChange[] => {
    const isMeant = ({ commandType }: MergeWhenClause): boolean => commandType === `CMD_${what}`;
    const limited = what !== 'INSERT' && !all.some(isMeant);
    return clauses.some(isMeant) ? [{ table, what, limited }] : [];
  });
}

/** Whether no condition keeps any row of the table from a WHEN clause, and none before it lets rows be. */
function reachesAll(
  { matchKind, condition }: MergeWhenClause,
  clauses: readonly MergeWhenClause[],
  joined: boolean | undefined,
): boolean {
  const matches =
    (matchKind === 'MERGE_WHEN_MATCHED' && joined === true) ||
    (matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && joined === false);
  return (
    matches &&
    condition === undefined &&
    !clauses.some((one) => one.matchKind === matchKind && one.commandType === 'CMD_NOTHING')
  );
}

/** Of a condition that is always the same: `true`, `1 = 1`, `1 = 0`. */
function truthOf(condition: Node): boolean | undefined {
  if ('A_Const' in condition) return condition.A_Const.boolval && condition.A_Const.boolval.boolval === true;
  if (!('A_Expr' in condition)) return undefined;
  const { kind, name, lexpr, rexpr } = condition.A_Expr;
  if (kind !== 'AEXPR_OP' || strings(name).join('.') !== '=') return undefined;
  const [left, right] = [integerOf(lexpr), integerOf(rexpr)];
  return left === undefined || right === undefined ? undefined : left === right;
}

function integerOf(node: Node | undefined): number | undefined {
  if (!node || !('A_Const' in node) || !node.A_Const.ival) return undefined;
  return node.A_Const.ival.ival ?? 0;
}
