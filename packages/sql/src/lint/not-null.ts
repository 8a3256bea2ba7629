import type { Constraint, Node } from 'libpg-query';
import { strings } from './names.ts';

/** The columns of which a constraint proves that they hold no null: `a IS NOT NULL`, alone or joined by AND. */
export function notNullColumns({ contype, raw_expr, keys }: Constraint): string[] {
  if (contype === 'CONSTR_NOTNULL') return strings(keys);
  if (contype !== 'CONSTR_CHECK' || !raw_expr) return [];
  return provenBy(raw_expr);
}

function provenBy(node: Node): string[] {
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') {
    return (node.BoolExpr.args ?? []).flatMap(provenBy);
  }
  if (!('NullTest' in node) || node.NullTest.nulltesttype !== 'IS_NOT_NULL') return [];
  const { arg } = node.NullTest;
  const parts = arg && 'ColumnRef' in arg ? strings(arg.ColumnRef.fields) : [];
  return parts.slice(-1);
}
