import { quoteSql, type Script } from '@slipway/sql';

/** Statements whose effect is not in one database but in the whole server, or outside of it. */
const shared = new Set([
  'AlterDatabaseSetStmt',
  'AlterDatabaseStmt',
  'AlterRoleSetStmt',
  'AlterRoleStmt',
  'AlterSubscriptionStmt',
  'AlterSystemStmt',
  'AlterTableSpaceOptionsStmt',
  'CreateRoleStmt',
  'CreateSubscriptionStmt',
  'CreateTableSpaceStmt',
  'CreatedbStmt',
  'DropRoleStmt',
  'DropSubscriptionStmt',
  'DropTableSpaceStmt',
  'DropdbStmt',
  'GrantRoleStmt',
]);

/** Characters of a statement that a sentence quotes. */
const maxStatementLength = 80;

/**
 * The first statement of these files that a rehearsal must not run, because a copy on the same server shares what it
 * changes; null when there is none. What a DO block puts together as text is not seen. Pure.
 */
export function sharedChange(scripts: Iterable<Script>): { file: string; line: number; text: string } | null {
  for (const { file, statements } of scripts) {
    const found = statements
      .flatMap((one) => [one, ...(one.inside?.statements ?? [])])
      .find(({ tag }) => shared.has(tag));
    if (found) return { file, line: found.line, text: quoteSql(found.text, maxStatementLength) };
  }
  return null;
}
