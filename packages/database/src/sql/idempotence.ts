import type { AlterTableCmd, Node } from 'libpg-query';
import { alterations, droppedNames } from '../lint/ast.ts';
import { ofParts, strings } from '../lint/names.ts';
import type { SqlStatement } from './grammar.ts';
import type { Script } from './script.ts';

/** What a file that runs before every release must not hold, and how it is written instead. */
export interface IdempotenceProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

/**
 * Statements that would fail, or do something else, when they run a second time. What cannot be told, such as an UPDATE,
 * belongs into a migration, which runs once. Pure.
 */
export function idempotenceProblems({ file, statements }: Script): IdempotenceProblem[] {
  const dropped = new Set<string>();
  return statements.flatMap((statement) => {
    const remedy = remedyOf(statement, dropped);
    noteDropped(statement, dropped);
    if (remedy === null) return [];
    const what = statement.text.split('\n', 1)[0]?.slice(0, 80);
    const message = `"${what}" cannot run a second time: ${remedy}`;
    return [{ file, line: statement.line, column: statement.column, message }];
  });
}

/** Names that an earlier statement of the file drops if they exist, so that they can be made without more. */
function noteDropped(statement: SqlStatement, dropped: Set<string>): void {
  if (statement.tag === 'DropStmt' && statement.node.missing_ok) {
    for (const { name } of droppedNames(statement.node.objects)) dropped.add(name);
  }
  for (const { cmd } of alterations(statement)) {
    if (cmd.subtype === 'AT_DropConstraint' && cmd.missing_ok && cmd.name) dropped.add(cmd.name);
  }
}

const ifNotExists = 'write IF NOT EXISTS';
const orReplace = 'write CREATE OR REPLACE';
const once = 'move it to a migration, which runs once';

/** What to write instead; null for a statement that may run again. */
function remedyOf(statement: SqlStatement, dropped: ReadonlySet<string>): string | null {
  const unless = (fine: boolean | undefined, name: string | undefined, remedy: string): string | null =>
    fine || (name !== undefined && dropped.has(name)) ? null : remedy;
  switch (statement.tag) {
    case 'CreateStmt':
      return unless(statement.node.if_not_exists, statement.node.relation?.relname, ifNotExists);
    case 'CreateTableAsStmt':
      return unless(statement.node.if_not_exists, statement.node.into?.rel?.relname, ifNotExists);
    case 'CreateSeqStmt':
      return unless(statement.node.if_not_exists, statement.node.sequence?.relname, ifNotExists);
    case 'IndexStmt':
      return unless(
        statement.node.if_not_exists && !!statement.node.idxname,
        statement.node.idxname,
        ifNotExists,
      );
    case 'CreateSchemaStmt':
      return unless(statement.node.if_not_exists, statement.node.schemaname, ifNotExists);
    case 'CreateExtensionStmt':
      return unless(statement.node.if_not_exists, statement.node.extname, ifNotExists);
    case 'CreateFunctionStmt':
      return unless(statement.node.replace, lastOf(statement.node.funcname), orReplace);
    case 'ViewStmt':
      return unless(statement.node.replace, statement.node.view?.relname, orReplace);
    case 'RuleStmt':
      return unless(statement.node.replace, statement.node.rulename, orReplace);
    case 'CreateTrigStmt':
      return unless(
        statement.node.replace,
        statement.node.trigname,
        `${orReplace} (PostgreSQL 14), or DROP TRIGGER IF EXISTS before it`,
      );
    case 'CreatePolicyStmt':
      return unless(false, statement.node.policy_name, 'write DROP POLICY IF EXISTS before it');
    case 'CreateEnumStmt':
    case 'CompositeTypeStmt':
    case 'CreateDomainStmt':
      return unless(false, typeOf(statement), `catch duplicate_object in a DO block, or ${once}`);
    case 'AlterEnumStmt':
      return unless(statement.node.skipIfNewValExists, undefined, 'write ADD VALUE IF NOT EXISTS');
    case 'DropStmt':
      return unless(statement.node.missing_ok, undefined, 'write IF EXISTS');
    case 'InsertStmt':
      return unless(
        !!statement.node.onConflictClause || chooses(statement.node.selectStmt),
        undefined,
        'write ON CONFLICT DO NOTHING',
      );
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

function lastOf(parts: Node[] | undefined): string {
  return ofParts(strings(parts)).name;
}

function typeOf(statement: SqlStatement): string | undefined {
  if (statement.tag === 'CompositeTypeStmt') return statement.node.typevar?.relname;
  if (statement.tag === 'CreateEnumStmt') return lastOf(statement.node.typeName);
  return statement.tag === 'CreateDomainStmt' ? lastOf(statement.node.domainname) : undefined;
}
