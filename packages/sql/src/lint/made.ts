import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { type Named, ofParts, ofRange, strings } from './names.ts';

/** A relation that a statement makes. */
export interface Made {
  table: RangeVar;
  /** Whether it may have been there before: IF NOT EXISTS, OR REPLACE. */
  unlessThere: boolean;
}

/** The table, view or sequence that a statement makes, if it does. */
export function madeBy(statement: SqlStatement): Made | undefined {
  const made = (table: RangeVar | undefined, unlessThere = false): Made | undefined =>
    table && { table, unlessThere };
  switch (statement.tag) {
    case 'CreateStmt':
      return made(statement.node.relation, statement.node.if_not_exists);
    case 'CreateForeignTableStmt':
      return made(statement.node.base?.relation, statement.node.base?.if_not_exists);
    case 'CreateTableAsStmt':
      return made(statement.node.into?.rel, statement.node.if_not_exists);
    case 'SelectStmt':
      return made(statement.node.intoClause?.rel);
    case 'ViewStmt':
      return made(statement.node.view, statement.node.replace);
    case 'CreateSeqStmt':
      return made(statement.node.sequence, statement.node.if_not_exists);
    default:
      return undefined;
  }
}

/** The name of the type that a statement makes. */
export function typeMadeBy(
  statement: Extract<
    SqlStatement,
    { tag: 'CreateEnumStmt' | 'CompositeTypeStmt' | 'CreateRangeStmt' | 'CreateDomainStmt' }
  >,
): Named {
  if (statement.tag === 'CompositeTypeStmt') return ofRange(statement.node.typevar ?? {});
  if (statement.tag === 'CreateDomainStmt') return ofParts(strings(statement.node.domainname));
  return ofParts(strings(statement.node.typeName));
}
