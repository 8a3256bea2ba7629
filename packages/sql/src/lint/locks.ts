import type { Constraint } from 'libpg-query';
import type { NodeOf, SqlStatement } from '../syntax/grammar.ts';
import { alterLocks } from './alter-locks.ts';
import { alterations, constraintsOf, droppedNames, ranges } from './ast.ts';
import { domainCheckOf } from './domains.ts';
import { lock, lockOn, ofDomain, ofIndex, type RelationLock, strongest } from './lock-mode.ts';
import { maintenanceLocks } from './maintenance-locks.ts';
import { type Named, ofParts, strings } from './names.ts';
import { rowLocks } from './row-locks.ts';

/**
 * The locks on tables and views that a statement takes, by the documentation of PostgreSQL (13.3.1 and the page of each
 * command). A plan, not a measurement: what a trigger, a foreign key or a partition adds only the server knows. Pure.
 */
export function locksOf(statement: SqlStatement): RelationLock[] {
  const inside = statement.inside?.statements.flatMap(locksOf) ?? [];
  return strongest([...schemaLocks(statement), ...rowLocks(statement), ...inside]);
}

/** Those that it takes for more than reading and changing rows. Pure. */
export function schemaLocksOf(statement: SqlStatement): RelationLock[] {
  const inside = statement.inside?.statements.flatMap(schemaLocksOf) ?? [];
  return strongest([...schemaLocks(statement), ...inside]);
}

function schemaLocks(statement: SqlStatement): RelationLock[] {
  switch (statement.tag) {
    case 'AlterTableStmt':
      return alterations(statement).flatMap(alterLocks);
    case 'CreateStmt':
      return createTable(statement.node);
    case 'IndexStmt':
      return indexLocks(statement.node);
    case 'DropStmt':
      return dropLocks(statement.node);
    case 'TruncateStmt':
      return ranges(statement.node.relations).map((table) => lock(table, 'ACCESS EXCLUSIVE'));
    case 'RenameStmt': {
      const index = statement.node.renameType === 'OBJECT_INDEX';
      return lockOn(statement.node.relation, index ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE');
    }
    case 'AlterObjectSchemaStmt':
      return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE');
    case 'CreateTrigStmt':
      return lockOn(statement.node.relation, 'SHARE ROW EXCLUSIVE');
    case 'RuleStmt':
      return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE');
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt':
      return lockOn(statement.node.table, 'ACCESS EXCLUSIVE');
    case 'AlterSeqStmt':
      return lockOn(statement.node.sequence, 'SHARE ROW EXCLUSIVE');
    case 'ViewStmt':
      return statement.node.replace ? lockOn(statement.node.view, 'ACCESS EXCLUSIVE') : [];
    case 'CreateStatsStmt':
      return ranges(statement.node.relations).map((table) => lock(table, 'SHARE UPDATE EXCLUSIVE'));
    case 'AlterDomainStmt': {
      const check = domainCheckOf(statement);
      return check ? [ofDomain(lock(check.domain, 'SHARE', 'while it scans'))] : [];
    }
    case 'CommentStmt':
      return commentLocks(statement.node);
    default:
      return maintenanceLocks(statement);
  }
}

function createTable({
  tableElts = [],
  constraints = [],
  inhRelations,
  partbound,
}: NodeOf<'CreateStmt'>): RelationLock[] {
  const columnConstraints = tableElts.flatMap((node) =>
    'ColumnDef' in node ? constraintsOf(node.ColumnDef) : [],
  );
  const own = [...tableElts, ...constraints].flatMap((node): Constraint[] =>
    'Constraint' in node ? [node.Constraint] : [],
  );
  const references = [...columnConstraints, ...own].flatMap(({ pktable }) =>
    pktable ? [lock(pktable, 'SHARE ROW EXCLUSIVE')] : [],
  );
  const likes = tableElts.flatMap((node) =>
    'TableLikeClause' in node ? lockOn(node.TableLikeClause.relation, 'ACCESS SHARE') : [],
  );
  // A default partition is searched for rows that belong in the new one.
  const parents = ranges(inhRelations).map((table) =>
    partbound ? lock(table, 'ACCESS EXCLUSIVE') : lock(table, 'SHARE UPDATE EXCLUSIVE'),
  );
  return [...references, ...likes, ...parents];
}

function indexLocks({ relation, concurrent }: NodeOf<'IndexStmt'>): RelationLock[] {
  if (relation?.inh !== true) return lockOn(relation, 'SHARE');
  return lockOn(relation, concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'while it builds an index');
}

function dropLocks({ objects, removeType: type, concurrent }: NodeOf<'DropStmt'>): RelationLock[] {
  const removeType: string = type ?? '';
  const names = droppedNames(objects);
  if (/^OBJECT_(?:TABLE|VIEW|MATVIEW|FOREIGN_TABLE|SEQUENCE)$/.test(removeType))
    return names.map((named) => lock(named, 'ACCESS EXCLUSIVE'));
  if (removeType === 'OBJECT_INDEX') {
    const mode = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    return names.map((named) => ofIndex(lock(named, mode)));
  }
  if (!/^OBJECT_(?:TRIGGER|RULE|POLICY)$/.test(removeType)) return [];
  return (objects ?? []).flatMap((node) => {
    const table: Named | undefined =
      'List' in node ? ofParts(strings(node.List.items).slice(0, -1)) : undefined;
    return table ? [lock(table, 'ACCESS EXCLUSIVE')] : [];
  });
}

function commentLocks({ objtype: type, object }: NodeOf<'CommentStmt'>): RelationLock[] {
  const objtype: string = type ?? '';
  if (!object || !('List' in object)) return [];
  const parts = strings(object.List.items);
  const table = objtype === 'OBJECT_COLUMN' ? parts.slice(0, -1) : parts;
  if (!/^OBJECT_(?:TABLE|VIEW|MATVIEW|COLUMN|FOREIGN_TABLE)$/.test(objtype)) return [];
  return [lock(ofParts(table), 'SHARE UPDATE EXCLUSIVE')];
}
