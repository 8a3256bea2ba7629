import { hasMarkers } from '../syntax/markers.ts';
import type { Script } from '../syntax/script.ts';

/** `-- slipway: contract` on a line of its own. */
const marker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;

/** Statements that no program can notice except by its speed. */
const unnoticed = new Set([
  'SelectStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'CommentStmt',
  'VacuumStmt',
  'ClusterStmt',
  'IndexStmt',
  'ReindexStmt',
  'RefreshMatViewStmt',
  'CreateStatsStmt',
  'ExplainStmt',
  'CheckPointStmt',
  'LockStmt',
  'TransactionStmt',
  'AlterSystemStmt',
]);

/** Whether a file says of itself that the version before cannot run on what it leaves. */
export function isMarkedContract(sql: string): boolean {
  return hasMarkers(sql) && marker.test(sql);
}

/**
 * `contract`: the version before may not run on the schema any more; `expand`: it may; `none`: it cannot even tell.
 * @param breaks Whether a rule found a change that breaks the running version, or the file says so itself.
 */
export function classOf(script: Script, breaks: boolean): 'none' | 'expand' | 'contract' {
  if (breaks) return 'contract';
  const noticed = script.statements.some(
    (one) =>
      !unnoticed.has(one.tag) &&
      !(one.tag === 'DropStmt' && one.node.removeType === 'OBJECT_INDEX') &&
      !(one.tag === 'DoStmt' && one.inside?.hidden === false && one.inside.statements.length === 0),
  );
  return noticed || script.problems.length > 0 ? 'expand' : 'none';
}
