import type { AlterTableCmd, ColumnDef, Constraint, Node, RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { alterClauses } from './clauses.ts';
import { type Named, ofParts, strings } from './names.ts';

/** One subcommand of an ALTER TABLE. */
export interface Alteration {
  table: RangeVar;
  cmd: AlterTableCmd;
  /** Of ADD COLUMN and ALTER COLUMN … TYPE. */
  column: ColumnDef | undefined;
  /** Of ADD CONSTRAINT. */
  constraint: Constraint | undefined;
  /** As the user wrote it, without the table. */
  text: string;
  /** Index in the file. */
  offset: number;
}

/** Of the statement that was asked of last: all rules ask of one, then of the next. */
let known: { statement: SqlStatement; found: readonly Alteration[] } | undefined;

/** The subcommands of an ALTER TABLE; none of another statement, of an index or of a view. */
export function alterations(statement: SqlStatement): readonly Alteration[] {
  if (statement.tag !== 'AlterTableStmt') return none;
  if (known?.statement !== statement) known = { statement, found: readAlterations(statement) };
  return known.found;
}

const none: readonly Alteration[] = [];

function readAlterations(statement: Extract<SqlStatement, { tag: 'AlterTableStmt' }>): Alteration[] {
  const { relation, cmds = [], objtype } = statement.node;
  if (!relation || (objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_FOREIGN_TABLE')) return [];
  const clauses = alterClauses(statement.text);
  const fits = clauses.length === cmds.length;
  return cmds.flatMap((node, index) => {
    if (!('AlterTableCmd' in node)) return [];
    const cmd = node.AlterTableCmd;
    const clause = fits ? clauses[index] : undefined;
    return [
      {
        table: relation,
        cmd,
        column: cmd.def && 'ColumnDef' in cmd.def ? cmd.def.ColumnDef : undefined,
        constraint: cmd.def && 'Constraint' in cmd.def ? cmd.def.Constraint : undefined,
        text: clause?.text ?? '…',
        offset: statement.offset + (clause?.offset ?? 0),
      },
    ];
  });
}

/** The tables of a list that may hold other things. */
export function ranges(nodes: readonly Node[] = []): RangeVar[] {
  return nodes.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
}

/** What follows the type of a column. */
export function constraintsOf({ constraints = [] }: ColumnDef): Constraint[] {
  return constraints.flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}

export function hasConstraint(column: ColumnDef, ...types: NonNullable<Constraint['contype']>[]): boolean {
  return constraintsOf(column).some(({ contype }) => contype !== undefined && types.includes(contype));
}

/** The DEFAULT of a column; `DEFAULT NULL` is none. */
export function defaultOf(column: ColumnDef): Node | undefined {
  const expression = constraintsOf(column).find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const bare = expression && uncast(expression);
  return bare && 'A_Const' in bare && bare.A_Const.isnull ? undefined : expression;
}

/** The expression of `…::type`. */
export function uncast(node: Node): Node {
  return 'TypeCast' in node && node.TypeCast.arg ? uncast(node.TypeCast.arg) : node;
}

/** Whether a type is one of the serials, which are a default of nextval() in disguise. */
export function isSerial({ typeName }: ColumnDef): boolean {
  return /^(?:small|big)?serial[248]?$/.test(strings(typeName?.names).at(-1) ?? '');
}

/** The objects that a DROP names; of triggers, rules and policies the table comes before the name. */
export function droppedNames(objects: readonly Node[] = []): Named[] {
  return objects.map((node) => {
    if ('List' in node) return ofParts(strings(node.List.items));
    if ('TypeName' in node) return ofParts(strings(node.TypeName.names));
    if ('ObjectWithArgs' in node) return ofParts(strings(node.ObjectWithArgs.objname));
    return ofParts(strings([node]));
  });
}

/** Visits every node of a tree under its name, outside in. */
export function walk(tree: unknown, visit: (name: string, value: object) => void): void {
  if (Array.isArray(tree)) {
    for (const one of tree) walk(one, visit);
  } else if (typeof tree === 'object' && tree !== null) {
    // What JSON.parse made has no other properties than its own.
    for (const name in tree) {
      const value: unknown = tree[name as keyof typeof tree];
      if (typeof value !== 'object' || value === null) continue;
      if (!Array.isArray(value)) visit(name, value);
      walk(value, visit);
    }
  }
}
