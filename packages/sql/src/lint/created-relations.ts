import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { type Named, ofParts, ofRange, strings } from './names.ts';

/** A relation that a statement creates. */
export interface CreatedRelation {
  table: RangeVar;
  /** Whether it may have existed before: IF NOT EXISTS, OR REPLACE. */
  mayExist: boolean;
}

/** The table, view or sequence that a statement creates, if it does. */
export function createdRelation(statement: SqlStatement): CreatedRelation | undefined {
  const created = (table: RangeVar | undefined, mayExist = false): CreatedRelation | undefined =>
    table && { table, mayExist };
  switch (statement.tag) {
    case 'CreateStmt':
      return created(statement.node.relation, statement.node.if_not_exists);
    case 'CreateForeignTableStmt':
      return created(statement.node.base?.relation, statement.node.base?.if_not_exists);
    case 'CreateTableAsStmt':
      return created(statement.node.into?.rel, statement.node.if_not_exists);
    case 'SelectStmt':
      return created(statement.node.intoClause?.rel);
    case 'ViewStmt':
      return created(statement.node.view, statement.node.replace);
    case 'CreateSeqStmt':
      return created(statement.node.sequence, statement.node.if_not_exists);
    default:
      return undefined;
  }
}

/** The name of the type that a statement creates. */
export function createdType(
  statement: Extract<
    SqlStatement,
    { tag: 'CreateEnumStmt' | 'CompositeTypeStmt' | 'CreateRangeStmt' | 'CreateDomainStmt' }
  >,
): Named {
  if (statement.tag === 'CompositeTypeStmt') return ofRange(statement.node.typevar ?? {});
  if (statement.tag === 'CreateDomainStmt') return ofParts(strings(statement.node.domainname));
  return ofParts(strings(statement.node.typeName));
}
