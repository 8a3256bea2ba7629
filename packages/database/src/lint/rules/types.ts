import type { ColumnDef, Node } from 'libpg-query';
import type { NodeTag } from '../../sql/grammar.ts';
import { Lexer } from '../../sql/lexer.ts';
import { offsetOf } from '../../sql/script.ts';
import { alterations, constraintsOf, hasConstraint, isSerial } from '../ast.ts';
import { oneLine } from '../clauses.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofParts, sqlName, sqlOf, strings, typeText } from '../names.ts';

/** Statements that make columns. */
const making: readonly NodeTag[] = ['CreateStmt', 'AlterTableStmt'];

/** Choices that are cheap now and dear later. */
export const typeRules: Rule[] = [
  { name: 'domain-constraint', level: 'info', on: ['CreateDomainStmt', 'AlterDomainStmt'], check: domain },
  { name: 'long-name', level: 'info', on: 'any', check: longName },
  { name: 'prefer-timestamptz', level: 'info', on: making, check: columns(timestamp) },
  { name: 'padded-char', level: 'info', on: making, check: columns(padded) },
  { name: 'prefer-text', level: 'info', on: making, check: columns(limited) },
  { name: 'prefer-jsonb', level: 'info', on: making, check: columns(json) },
  { name: 'prefer-bigint-key', level: 'info', on: making, check: columns(shortKey) },
];

function domain({ statement }: Subject): Hit[] {
  if (statement.tag === 'CreateDomainStmt') {
    const constraint = (statement.node.constraints ?? []).some(
      (node) =>
        'Constraint' in node && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(node.Constraint.contype ?? ''),
    );
    if (!constraint) return [];
    const d = sqlOf(ofParts(strings(statement.node.domainname)));
    return [
      {
        offset: statement.offset,
        message: `a rule in the domain ${d} can later be changed only by reading every table that uses it, with all of them locked`,
        remedy: `Put the CHECK on the columns: it can be added NOT VALID and validated without blocking anybody, table by table.`,
      },
    ];
  }
  if (statement.tag !== 'AlterDomainStmt' || statement.node.subtype !== 'C') return [];
  const { def, typeName } = statement.node;
  if (def && 'Constraint' in def && def.Constraint.skip_validation) return [];
  const d = sqlOf(ofParts(strings(typeName)));
  return [
    {
      offset: statement.offset,
      message: `this reads every table with a column of ${d} while SHARE is held on all of them: every INSERT, UPDATE and DELETE there waits`,
      remedy: `${oneLine(statement.text)} NOT VALID; and in the next file ALTER DOMAIN ${d} VALIDATE CONSTRAINT …;`,
    },
  ];
}

/** NAMEDATALEN is 64, one byte of which ends the string. */
const longest = 63;

function longName({ statement }: Subject): Hit[] {
  // It makes nothing, and may be very long.
  if (statement.tag === 'InsertStmt') return [];
  const { text, offset } = statement;
  // No character of a string takes more than three bytes.
  if (text.length * 3 <= longest) return [];
  const lexer = new Lexer(text);
  const hits: Hit[] = [];
  while (lexer.next()) {
    const { kind, start, end } = lexer;
    if ((kind !== 'word' && kind !== 'name') || (end - start) * 3 <= longest) continue;
    const name =
      kind === 'word' ? text.slice(start, end) : text.slice(start + 1, end - 1).replaceAll('""', '"');
    const bytes = Buffer.byteLength(name);
    if (bytes <= longest) continue;
    hits.push({
      offset: offset + start,
      message: `the name ${oneLine(name, 80)} has ${bytes} bytes, and PostgreSQL cuts it after ${longest} with no more than a notice: two such names can become one`,
      remedy: `Choose a name of at most ${longest} bytes.`,
    });
  }
  return hits;
}

/** A rule over the columns that a CREATE TABLE or an ADD COLUMN makes, and over new types of columns. */
function columns(look: (column: ColumnDef, type: string) => Omit<Hit, 'offset'> | undefined) {
  return ({ statement }: Subject): Hit[] => {
    const made =
      statement.tag === 'CreateStmt'
        ? keyed(statement.node.tableElts ?? [])
        : alterations(statement).flatMap(({ column, cmd }) =>
            column ? [{ ...column, colname: column.colname ?? cmd.name ?? '' }] : [],
          );
    return made.flatMap((column) => {
      const found = column.typeName && look(column, typeText(column.typeName).replace(/(?:\[\])+$/, ''));
      return found ? [{ offset: offsetOf(statement, column.location), ...found }] : [];
    });
  };
}

/** Columns of a new table, with PRIMARY KEY on a single one of them as if it stood behind it. */
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
    message: `${sqlName(colname)} is a timestamp without time zone: which moment it means depends on who reads it`,
    remedy: `${sqlName(colname)} timestamptz`,
  };
}

function padded({ colname = '' }: ColumnDef, type: string) {
  const [char, length] = /^bpchar(?:\((\d+)\))?$/.exec(type) ?? [];
  if (char === undefined) return undefined;
  const c = sqlName(colname);
  return {
    message: `${c} is padded with blanks to its length, and char is no faster than text`,
    remedy: asText(colname, length),
  };
}

function limited({ colname = '' }: ColumnDef, type: string) {
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
  if (length === undefined) return undefined;
  return {
    message: `the length of ${sqlName(colname)} is part of its type: a shorter one rewrites the table, and varchar is no faster than text`,
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
