import type { ColumnDef, Node } from 'libpg-query';
import type { NodeTag, SqlStatement } from '../../syntax/grammar.ts';
import { offsetOf } from '../../syntax/script.ts';
import { alterations, constraintsOf, hasConstraint, isSerial } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, sqlName, strings, typeText } from '../names.ts';

/** Statements that make columns. */
const making: readonly NodeTag[] = ['CreateStmt', 'AlterTableStmt'];

/** Types of columns that are cheap now and dear later. */
export const columnTypeRules: Rule[] = [
  { name: 'prefer-timestamptz', level: 'info', on: making, check: columns(timestamp) },
  { name: 'padded-char', level: 'info', on: making, check: columns(padded) },
  { name: 'prefer-text', level: 'info', on: making, check: columns(limited) },
  { name: 'prefer-jsonb', level: 'info', on: making, check: columns(json) },
  { name: 'prefer-bigint-key', level: 'info', on: making, check: columns(shortKey) },
];

/** A rule over the columns that a CREATE TABLE or an ADD COLUMN makes, and over new types of columns. */
function columns(find: (column: ColumnDef, type: string) => Omit<Hit, 'offset'> | undefined) {
  return ({ statement }: Subject): Hit[] =>
    madeColumns(statement).flatMap(({ column, type }) => {
      const found = find(column, type);
      return found ? [{ offset: offsetOf(statement, column.location), ...found }] : [];
    });
}

/** A column with its type, without the brackets of an array. */
interface MadeColumn {
  column: ColumnDef;
  type: string;
}

/** Of the statement that was asked of last: all rules ask of one, then of the next. */
let known: { statement: SqlStatement; made: readonly MadeColumn[] } | undefined;

function madeColumns(statement: SqlStatement): readonly MadeColumn[] {
  if (known?.statement === statement) return known.made;
  const columns =
    statement.tag === 'CreateStmt'
      ? keyed(statement.node.tableElts ?? [])
      : alterations(statement).flatMap(({ column, cmd }) =>
          column ? [{ ...column, colname: column.colname ?? cmd.name ?? '' }] : [],
        );
  const made = columns.flatMap((column): MadeColumn[] =>
    column.typeName ? [{ column, type: typeText(column.typeName).replace(/(?:\[\])+$/, '') }] : [],
  );
  known = { statement, made };
  return made;
}

/** Columns of a new table, with PRIMARY KEY on a single one of them as if it followed it. */
function keyed(elements: readonly Node[]): ColumnDef[] {
  const keys = elements.flatMap((node) =>
    'Constraint' in node && node.Constraint.contype === 'CONSTR_PRIMARY'
      ? [strings(node.Constraint.keys)]
      : [],
  );
  const [only] = keys.filter((columns) => columns.length === 1).flat();
  return elements.flatMap((node) => {
    if (!('ColumnDef' in node)) return [];
    const { constraints = [], ...column } = node.ColumnDef;
    const key: Node[] = column.colname === only ? [{ Constraint: { contype: 'CONSTR_PRIMARY' } }] : [];
    return [{ ...column, constraints: [...constraints, ...key] }];
  });
}

function timestamp({ colname = '' }: ColumnDef, type: string) {
  if (!/^timestamp(?:\(|$)/.test(type)) return undefined;
  return {
    message: `${sqlName(colname)} is a timestamp without time zone: its moment depends on the reader's time zone`,
    remedy: `${sqlName(colname)} timestamptz`,
  };
}

function padded({ colname = '' }: ColumnDef, type: string) {
  const [char, length] = /^bpchar(?:\((\d+)\))?$/.exec(type) ?? [];
  if (char === undefined) return undefined;
  const c = sqlName(colname);
  return {
    message: `${c} is padded to its length, and char is not faster than text`,
    remedy: asText(colname, length),
  };
}

function limited({ colname = '' }: ColumnDef, type: string) {
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
  if (length === undefined) return undefined;
  return {
    message: `the length of ${sqlName(colname)} is part of its type: a shorter one rewrites the table, and varchar is not faster than text`,
    remedy: asText(colname, length),
  };
}

function asText(column: string, length: string | undefined): string {
  const c = sqlName(column);
  const check = `CONSTRAINT ${sqlName(derivedName(column, 'length'))} CHECK (length(${c}) <= ${length})`;
  return `${c} text${length ? `, and ${check} where the limit matters` : ''}`;
}

function json({ colname = '' }: ColumnDef, type: string) {
  if (type !== 'json') return undefined;
  return {
    message: `json has no equality, so that SELECT DISTINCT and UNION over ${sqlName(colname)} fail`,
    remedy: `${sqlName(colname)} jsonb`,
  };
}

function shortKey(column: ColumnDef, type: string) {
  if (!hasConstraint(column, 'CONSTR_PRIMARY')) return undefined;
  const short = /^int[24]$/.test(type) || (isSerial(column) && !/^(?:bigserial|serial8)$/.test(type));
  if (!short || constraintsOf(column).some(({ contype }) => contype === 'CONSTR_FOREIGN')) return undefined;
  const c = sqlName(column.colname ?? '');
  return {
    message: `the key ${c} ends at ${/int2|small|serial2/.test(type) ? '32,767' : '2,147,483,647'}, and changing its type later rewrites the table and every one that refers to it`,
    remedy: `${c} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`,
  };
}
