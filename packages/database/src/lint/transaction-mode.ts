import type { Node } from 'libpg-query';
import type { SqlStatement } from '../sql/grammar.ts';
import type { Script } from '../sql/script.ts';
import { alterations, walk } from './ast.ts';
import { oneLine } from './clauses.ts';
import { strings } from './names.ts';

/** What keeps a file from being run as it is. */
export interface ModeProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  remedy: string;
}

/** How a file is to be run: in one transaction, or statement by statement because PostgreSQL demands it. */
export type TransactionMode =
  | { mode: 'transaction' }
  | { mode: 'statements' }
  | { mode: 'refused'; problems: ModeProblem[] };

/** Tells from the parse tree, never from comments, how a file can be run. Pure. */
export function transactionMode(script: Script): TransactionMode {
  const { statements } = script;
  const own = statements.flatMap((statement) => ownTransaction(script, statement));
  const alone = statements.filter(runsAlone);
  // Settings of the session are the usual companions of a concurrent index.
  const others = statements.filter((one) => !runsAlone(one) && !isSetting(one) && !isOwn(one));
  const mixed = alone.length > 0 && others.length > 0 ? [mixing(script, alone, others)] : [];
  const enums = alone.length > 0 ? [] : usedTooEarly(script);
  const problems = [...own, ...mixed, ...enums];
  if (problems.length > 0) return { mode: 'refused', problems };
  return { mode: alone.length > 0 ? 'statements' : 'transaction' };
}

/** Statements that never run inside a transaction block, whatever their options. */
const alwaysAlone =
  /^(?:CreatedbStmt|DropdbStmt|AlterSystemStmt|CreateTableSpaceStmt|DropTableSpaceStmt|DropSubscriptionStmt)$/;

/** The statements of a file that begin or end a transaction, which a file that runs one by one cannot have either. */
export function ownTransactions(script: Script): ModeProblem[] {
  return script.statements.filter(isOwn).map((statement) => {
    const message = `${oneLine(statement.text, 40).toUpperCase()} is not allowed here: the statements of this file run one by one`;
    return problem(
      script,
      statement,
      message,
      'Delete this line, or the switch that takes the transaction away.',
    );
  });
}

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
      return alterations(statement).some(
        ({ cmd }) => cmd.def && 'PartitionCmd' in cmd.def && cmd.def.PartitionCmd.concurrent,
      );
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
      return alwaysAlone.test(statement.tag);
  }
}

/** Whether REINDEX was given CONCURRENTLY, in either of its two spellings. */
export function isConcurrent(params: readonly Node[] | undefined): boolean {
  return optionOf(params, 'concurrently') !== undefined && !isOff(params, 'concurrently');
}

function optionOf(options: readonly Node[] | undefined, name: string): Node | undefined {
  return options?.find((node) => 'DefElem' in node && node.DefElem.defname === name);
}

/** Whether an option is there and says no. */
export function isOff(options: readonly Node[] | undefined, name: string): boolean {
  const option = optionOf(options, name);
  const arg = option && 'DefElem' in option ? option.DefElem.arg : undefined;
  if (!arg) return false;
  if ('Integer' in arg) return !arg.Integer.ival;
  if ('Boolean' in arg) return !arg.Boolean.boolval;
  return /^(?:false|off|no|0)$/i.test(strings([arg])[0] ?? '');
}

function isSetting({ tag, node }: SqlStatement): boolean {
  return tag === 'VariableSetStmt' && !(node as { is_local?: boolean }).is_local;
}

function isOwn({ tag, node }: SqlStatement): boolean {
  const kind = tag === 'TransactionStmt' ? ((node as { kind?: string }).kind ?? '') : '';
  return /_(?:BEGIN|START|COMMIT|ROLLBACK|PREPARE)$/.test(kind);
}

function problem(script: Script, statement: SqlStatement, message: string, remedy: string): ModeProblem {
  return { file: script.file, line: statement.line, column: statement.column, message, remedy };
}

function ownTransaction(script: Script, statement: SqlStatement): ModeProblem[] {
  if (isOwn(statement)) {
    const what = oneLine(statement.text, 40).toUpperCase();
    const message = `${what} is not allowed here: every file runs in one transaction of its own`;
    return [problem(script, statement, message, `Delete this line, and the others that begin or end it.`)];
  }
  if (!statement.inside?.commits) return [];
  const message = 'this DO block commits, which PostgreSQL refuses inside the transaction of the file';
  return [problem(script, statement, message, 'Leave COMMIT and ROLLBACK out of it.')];
}

function mixing(script: Script, alone: SqlStatement[], others: SqlStatement[]): ModeProblem {
  const [first, other] = [alone[0] as SqlStatement, others[0] as SqlStatement];
  const message = `split this file: "${oneLine(first.text, 80)}" cannot run in a transaction, and line ${other.line} beside it should`;
  const remedy = `Move it${alone.length > 1 ? ' and its like' : ''} to a file of its own: such a file runs statement by statement.`;
  return problem(script, first, message, remedy);
}

/** A new value of an enum cannot be used before the transaction that adds it is committed (manual, ALTER TYPE). */
function usedTooEarly(script: Script): ModeProblem[] {
  const made = new Set<string>();
  return script.statements.flatMap((statement, index) => {
    if (statement.tag === 'CreateEnumStmt') made.add(strings(statement.node.typeName).at(-1) ?? '');
    if (statement.tag !== 'AlterEnumStmt' || statement.node.oldVal !== undefined) return [];
    const { typeName, newVal = '' } = statement.node;
    const type = strings(typeName).at(-1) ?? '';
    const user = script.statements.slice(index + 1).find((later) => usesValue(later, newVal));
    if (made.has(type) || !user) return [];
    const message = `the value '${newVal}', which line ${statement.line} adds to ${type}, is used in the same transaction, and PostgreSQL refuses that`;
    return [
      problem(
        script,
        user,
        message,
        `Leave ALTER TYPE ${type} ADD VALUE '${newVal}' alone in an earlier file.`,
      ),
    ];
  });
}

function usesValue(statement: SqlStatement, value: string): boolean {
  if (['AlterEnumStmt', 'CommentStmt', 'CreateFunctionStmt'].includes(statement.tag)) return false;
  // The values of an INSERT are not in its node.
  if (statement.tag === 'InsertStmt') return statement.text.includes(`'${value.replaceAll("'", "''")}'`);
  let found = false;
  walk(statement.node, (name, node) => {
    if (name === 'A_Const' && (node as { sval?: { sval?: string } }).sval?.sval === value) found = true;
  });
  return found;
}
