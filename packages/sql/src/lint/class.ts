import { hasMarkers } from '../syntax/markers.ts';
import type { Script } from '../syntax/script.ts';

/** `-- slipway: contract` on a separate line. */
const marker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;

/** Statements that a program can notice by its speed only. */
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

/** Whether a file is marked as one after which the previous version cannot run. */
export function isMarkedContract(sql: string): boolean {
  return hasMarkers(sql) && marker.test(sql);
}

/**
 * `contract`: the previous version may fail on the schema; `expand`: it runs; `none`: it sees no difference.
 * @param breaks Whether a rule found a change that breaks the running version, or the file is marked so.
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
