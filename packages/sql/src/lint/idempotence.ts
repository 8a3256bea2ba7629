import type { AlterTableCmd, Node } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { quoteSql } from '../syntax/quote-sql.ts';
import type { Script } from '../syntax/script.ts';
import { alterations, droppedNames } from './ast.ts';
import { creationOf, once } from './creation.ts';

/** Characters of a statement that a message quotes. */
const maxStatementLength = 80;

/** What a file that runs before every release must not hold, and how it is written instead. */
export interface IdempotenceProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

/**
 * Statements that would fail, or do something else, when they run a second time. What the text does not show, such as an
 * UPDATE, belongs in a migration, which runs once. Pure.
 */
export function idempotenceProblems({ file, statements }: Script): IdempotenceProblem[] {
  const dropped = new Set<string>();
  return statements.flatMap((statement) => {
    const remedy = remedyOf(statement, dropped);
    noteDropped(statement, dropped);
    if (remedy === null) return [];
    const message = `"${quoteSql(statement.text, maxStatementLength)}" cannot run a second time: ${remedy}`;
    return [{ file, line: statement.line, column: statement.column, message }];
  });
}

/** Names that an earlier statement of the file drops if they exist, so that they can be created unconditionally. */
function noteDropped(statement: SqlStatement, dropped: Set<string>): void {
  if (statement.tag === 'DropStmt' && statement.node.missing_ok) {
    for (const { name } of droppedNames(statement.node.objects)) dropped.add(name);
  }
  for (const { cmd } of alterations(statement)) {
    if (cmd.subtype === 'AT_DropConstraint' && cmd.missing_ok && cmd.name) dropped.add(cmd.name);
  }
}

/** What to write instead; null for a statement that may run again. */
function remedyOf(statement: SqlStatement, dropped: ReadonlySet<string>): string | null {
  const creation = creationOf(statement);
  if (creation) {
    const { name, fine, remedy } = creation;
    return fine || (name !== undefined && dropped.has(name)) ? null : remedy;
  }
  switch (statement.tag) {
    case 'AlterEnumStmt':
      return statement.node.skipIfNewValExists ? null : 'write ADD VALUE IF NOT EXISTS';
    case 'DropStmt':
      return statement.node.missing_ok ? null : 'write IF EXISTS';
    case 'InsertStmt':
      return statement.node.onConflictClause || chooses(statement.node.selectStmt)
        ? null
        : 'write ON CONFLICT DO NOTHING';
    case 'AlterTableStmt':
      return alterations(statement).flatMap(({ cmd }) => alterationRemedy(cmd, dropped) ?? [])[0] ?? null;
    default:
      return harmless.has(statement.tag) ? null : once;
  }
}

/** Statements that set what they name, ask, or decide for themselves. */
const harmless = new Set<string>([
  'AlterDefaultPrivilegesStmt',
  'AlterOwnerStmt',
  'CommentStmt',
  'DoStmt',
  'GrantRoleStmt',
  'GrantStmt',
  'RefreshMatViewStmt',
  'SelectStmt',
  'VariableSetStmt',
]);

function alterationRemedy(cmd: AlterTableCmd, dropped: ReadonlySet<string>): string | null {
  if (cmd.missing_ok) return null;
  switch (cmd.subtype) {
    case 'AT_AddColumn':
      return 'write ADD COLUMN IF NOT EXISTS';
    case 'AT_DropColumn':
    case 'AT_DropConstraint':
      return 'write IF EXISTS';
    case 'AT_AddConstraint': {
      const name = cmd.def && 'Constraint' in cmd.def ? cmd.def.Constraint.conname : undefined;
      return name !== undefined && dropped.has(name) ? null : 'write DROP CONSTRAINT IF EXISTS before it';
    }
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_AddIdentity':
      return once;
    default:
      return null;
  }
}

/** Whether an INSERT … SELECT has a condition, such as NOT EXISTS. */
function chooses(select: Node | undefined): boolean {
  return !!select && 'SelectStmt' in select && select.SelectStmt.whereClause !== undefined;
}
