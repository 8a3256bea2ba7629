import type { Constraint, Node, RangeVar } from 'libpg-query';
import type { NodeOf, SqlStatement } from '../sql/grammar.ts';
import { alterLocks } from './alter-locks.ts';
import { alterations, constraintsOf, droppedNames, rowChanges, walk } from './ast.ts';
import { lock, lockModes, type RelationLock, strongest } from './lock-mode.ts';
import { type Named, ofParts, strings } from './names.ts';
import { isConcurrent, isOff } from './transaction-mode.ts';

/**
 * The locks on tables and views that a statement takes, by the documentation of PostgreSQL (13.3.1 and the page of each
 * command). A plan, not a measurement: what a trigger, a foreign key or a partition adds only the server knows. Pure.
 */
export function locksOf(statement: SqlStatement): RelationLock[] {
  const inside = statement.inside?.statements.flatMap(locksOf) ?? [];
  return strongest([...schemaLocks(statement), ...rowLocks(statement), ...inside]);
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
      return on(statement.node.relation, index ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE');
    }
    case 'AlterObjectSchemaStmt':
      return on(statement.node.relation, 'ACCESS EXCLUSIVE');
    case 'CreateTrigStmt':
      return on(statement.node.relation, 'SHARE ROW EXCLUSIVE');
    case 'RuleStmt':
      return on(statement.node.relation, 'ACCESS EXCLUSIVE');
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt':
      return on(statement.node.table, 'ACCESS EXCLUSIVE');
    case 'AlterSeqStmt':
      return on(statement.node.sequence, 'SHARE ROW EXCLUSIVE');
    case 'ViewStmt':
      return statement.node.replace ? on(statement.node.view, 'ACCESS EXCLUSIVE') : [];
    case 'CreateStatsStmt':
      return ranges(statement.node.relations).map((table) => lock(table, 'SHARE UPDATE EXCLUSIVE'));
    case 'CommentStmt':
      return commentLocks(statement.node);
    default:
      return upkeepLocks(statement);
  }
}

function upkeepLocks(statement: SqlStatement): RelationLock[] {
  switch (statement.tag) {
    case 'LockStmt':
      return ranges(statement.node.relations).map((table) =>
        lock(table, lockModes[(statement.node.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE', 'while it runs'),
      );
    case 'VacuumStmt': {
      const { options = [], rels = [] } = statement.node;
      const full = options.some((node) => 'DefElem' in node && node.DefElem.defname === 'full');
      const rewrites = full && !isOff(options, 'full');
      return rels.flatMap((node) =>
        'VacuumRelation' in node && node.VacuumRelation.relation
          ? rewrites
            ? [lock(node.VacuumRelation.relation, 'ACCESS EXCLUSIVE', 'while it rewrites')]
            : [lock(node.VacuumRelation.relation, 'SHARE UPDATE EXCLUSIVE', 'while it scans')]
          : [],
      );
    }
    case 'ClusterStmt':
      return on(statement.node.relation, 'ACCESS EXCLUSIVE', 'while it rewrites');
    case 'ReindexStmt': {
      const { relation, params, kind } = statement.node;
      const mode = isConcurrent(params) ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
      const locks = on(relation, mode, 'while it builds an index');
      return kind === 'REINDEX_OBJECT_INDEX' ? locks.map(ofIndex) : locks;
    }
    case 'RefreshMatViewStmt': {
      const { relation, concurrent } = statement.node;
      return on(relation, concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'while it runs');
    }
    default:
      return [];
  }
}

/** Only the server knows which table an index is on. */
function ofIndex(one: RelationLock): RelationLock {
  return { ...one, relation: `the table of ${one.relation}` };
}

function on(
  table: RangeVar | undefined,
  mode: RelationLock['mode'],
  time?: RelationLock['lasts'],
): RelationLock[] {
  return table ? [lock(table, mode, time)] : [];
}

function ranges(nodes: readonly Node[] = []): RangeVar[] {
  return nodes.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
}

function createTable({
  tableElts = [],
  constraints = [],
  inhRelations,
  partbound,
}: NodeOf<'CreateStmt'>): RelationLock[] {
  const behind = tableElts.flatMap((node) => ('ColumnDef' in node ? constraintsOf(node.ColumnDef) : []));
  const own = [...tableElts, ...constraints].flatMap((node): Constraint[] =>
    'Constraint' in node ? [node.Constraint] : [],
  );
  const references = [...behind, ...own].flatMap(({ pktable }) =>
    pktable ? [lock(pktable, 'SHARE ROW EXCLUSIVE')] : [],
  );
  const likes = tableElts.flatMap((node) =>
    'TableLikeClause' in node ? on(node.TableLikeClause.relation, 'ACCESS SHARE') : [],
  );
  // A default partition is searched for rows that belong into the new one.
  const parents = ranges(inhRelations).map((table) =>
    partbound ? lock(table, 'ACCESS EXCLUSIVE') : lock(table, 'SHARE UPDATE EXCLUSIVE'),
  );
  return [...references, ...likes, ...parents];
}

function indexLocks({ relation, concurrent }: NodeOf<'IndexStmt'>): RelationLock[] {
  if (relation?.inh !== true) return on(relation, 'SHARE');
  return on(relation, concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'while it builds an index');
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

/** What reading and changing rows takes; names of WITH are no tables. */
function rowLocks(statement: SqlStatement): RelationLock[] {
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
  if (copied?.is_from) changed.push(...on(copied.relation, 'ROW EXCLUSIVE', 'while it runs'));
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
