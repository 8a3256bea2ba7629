import { quoteIdentifier } from '@slipway/postgres';
import type { NodeOf, TaggedNode } from '@slipway/sql';
import type { Node } from 'libpg-query';

/** A name as the grammar gives it; no schema means search_path. */
export interface RangeVar {
  schemaname?: string;
  relname: string;
}

/** What a concurrent statement that was interrupted leaves in the database. */
export type PartialObject =
  | { kind: 'index'; name: string; table: RangeVar }
  | { kind: 'reindexed'; on: RangeVar; index: boolean }
  | { kind: 'dropped'; index: string }
  | { kind: 'detached'; parent: RangeVar; partition: RangeVar };

/** What a statement may leave unfinished; null for one that leaves nothing. Pure. */
export function partialObjectOf(statement: TaggedNode): PartialObject | null {
  switch (statement.tag) {
    case 'IndexStmt': {
      const { concurrent, idxname, relation } = statement.node;
      return concurrent && idxname && relation
        ? { kind: 'index', name: idxname, table: named(relation) }
        : null;
    }
    case 'ReindexStmt': {
      const { kind, relation } = statement.node;
      return relation
        ? { kind: 'reindexed', on: named(relation), index: kind === 'REINDEX_OBJECT_INDEX' }
        : null;
    }
    case 'DropStmt': {
      const { concurrent, objects } = statement.node;
      return concurrent && objects ? { kind: 'dropped', index: qualifiedName(objects[0]) } : null;
    }
    case 'AlterTableStmt':
      return detachOf(statement.node);
    default:
      return null;
  }
}

function detachOf({ cmds = [], relation }: NodeOf<'AlterTableStmt'>): PartialObject | null {
  for (const one of cmds) {
    const def = 'AlterTableCmd' in one ? one.AlterTableCmd.def : undefined;
    const command = def && 'PartitionCmd' in def ? def.PartitionCmd : undefined;
    if (command?.concurrent && command.name && relation) {
      return { kind: 'detached', parent: named(relation), partition: named(command.name) };
    }
  }
  return null;
}

function named({ schemaname, relname = '' }: { schemaname?: string; relname?: string }): RangeVar {
  return schemaname === undefined ? { relname } : { schemaname, relname };
}

/** The name in a list of identifiers, quoted. */
function qualifiedName(object: Node | undefined): string {
  const items = object && 'List' in object ? (object.List.items ?? []) : [];
  return items
    .flatMap((item) => ('String' in item ? [quoteIdentifier(item.String.sval ?? '')] : []))
    .join('.');
}
