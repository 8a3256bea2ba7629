import type { NodeTag, SqlStatement } from '../syntax/grammar.ts';
import { isConcurrent, isOff, optionOf } from './options.ts';

/** Statements that never run inside a transaction block, whatever their options. */
const alwaysAlone: ReadonlySet<NodeTag> = new Set<NodeTag>([
  'CreatedbStmt',
  'DropdbStmt',
  'AlterSystemStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'DropSubscriptionStmt',
]);

/** Whether PostgreSQL refuses a statement inside a transaction block. */
export function runsAlone(statement: SqlStatement): boolean {
  switch (statement.tag) {
    case 'IndexStmt':
    case 'DropStmt':
      return statement.node.concurrent === true;
    case 'ReindexStmt':
      return (
        isConcurrent(statement.node.params) ||
        ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(
          statement.node.kind ?? '',
        )
      );
    case 'AlterTableStmt':
      return (statement.node.cmds ?? []).some((node) => {
        const { def } = ('AlterTableCmd' in node && node.AlterTableCmd) || {};
        return def && 'PartitionCmd' in def && def.PartitionCmd.concurrent;
      });
    case 'VacuumStmt':
      return statement.node.is_vacuumcmd === true;
    case 'ClusterStmt':
      return statement.node.relation === undefined;
    case 'DiscardStmt':
      return statement.node.target === 'DISCARD_ALL';
    case 'CreateSubscriptionStmt':
      return !isOff(statement.node.options, 'create_slot') && !isOff(statement.node.options, 'connect');
    case 'TransactionStmt':
      return /PREPARED$/.test(statement.node.kind ?? '');
    case 'AlterDatabaseStmt':
      return optionOf(statement.node.options, 'tablespace') !== undefined;
    case 'AlterSubscriptionStmt':
      return /REFRESH|PUBLICATION/.test(statement.node.kind ?? '');
    default:
      return alwaysAlone.has(statement.tag);
  }
}
