import type { SqlStatement } from '../syntax/grammar.ts';
import { ranges } from './ast.ts';
import { lock, lockModes, lockOn, ofIndex, type RelationLock } from './lock-mode.ts';
import { isConcurrent, isOff } from './options.ts';

/** The locks of maintenance statements: LOCK, VACUUM, CLUSTER, REINDEX, REFRESH. */
export function maintenanceLocks(statement: SqlStatement): RelationLock[] {
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
      return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE', 'while it rewrites');
    case 'ReindexStmt': {
      const { relation, params, kind } = statement.node;
      const mode = isConcurrent(params) ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
      const locks = lockOn(relation, mode, 'while it builds an index');
      return kind === 'REINDEX_OBJECT_INDEX' ? locks.map(ofIndex) : locks;
    }
    case 'RefreshMatViewStmt': {
      const { relation, concurrent } = statement.node;
      return lockOn(relation, concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'while it runs');
    }
    default:
      return [];
  }
}
