import { copyableSql } from '../../syntax/quote-sql.ts';
import { type Alteration, constraintsOf, defaultOf, hasConstraint, isSerial } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofRange, sqlName, sqlOf, typeText } from '../names.ts';
import type { SchemaModel } from '../schema-model.ts';
import { volatileCall } from '../volatility.ts';
import { isWidening } from '../widening.ts';

/** New columns and changes of columns that read or rewrite the table (manual, ALTER TABLE, notes). */
export const columnRules: Rule[] = [
  {
    name: 'add-column-volatile-default',
    level: 'error',
    on: ['AlterTableStmt'],
    check: each(volatileDefault),
  },
  { name: 'add-column-rewrite', level: 'error', on: ['AlterTableStmt'], check: each(rewritingColumn) },
  { name: 'add-column-required', level: 'error', on: ['AlterTableStmt'], check: each(requiredColumn) },
  { name: 'set-not-null', level: 'error', on: ['AlterTableStmt'], check: each(setNotNull) },
  { name: 'change-type', level: 'error', on: ['AlterTableStmt'], check: each(changeType) },
];

/** A rule over the subcommands of ALTER TABLE on tables that the files did not create themselves. */
export function each(find: (it: Alteration, schema: SchemaModel) => Omit<Hit, 'offset'> | undefined) {
  return ({ alterations, schema }: Subject): Hit[] =>
    alterations.flatMap((it) => {
      const found = find(it, schema);
      return found ? [{ offset: it.offset, ...found }] : [];
    });
}

function volatileDefault({ cmd, table, column }: Alteration, schema: SchemaModel) {
  if (cmd.subtype !== 'AT_AddColumn' || !column) return undefined;
  const expression = defaultOf(column);
  const call = expression && volatileCall(expression, schema.created.functions);
  if (!call) return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(column.colname ?? '')];
  const doubt = call.known ? 'is volatile' : 'is not known to be STABLE or IMMUTABLE';
  return {
    message: `the default of ${c} calls ${call.name}(), which ${doubt}: PostgreSQL rewrites ${t} row by row under ACCESS EXCLUSIVE, and nobody can read it until that is done`,
    remedy: `ALTER TABLE ${t} ADD COLUMN ${c} ${typeOf(column)}; ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT ${call.name}(…); then fill the old rows in batches.`,
  };
}

function typeOf({ typeName }: NonNullable<Alteration['column']>): string {
  return typeName ? typeText(typeName) : '…';
}

function rewritingColumn({ cmd, table, column }: Alteration) {
  if (cmd.subtype !== 'AT_AddColumn' || !column) return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(column.colname ?? '')];
  const stored = constraintsOf(column).some(
    // A virtual column (PostgreSQL 18) is computed when it is read.
    ({ contype, generated_kind }) => contype === 'CONSTR_GENERATED' && generated_kind !== 'v',
  );
  const numbers = isSerial(column) || hasConstraint(column, 'CONSTR_IDENTITY');
  if (!stored && !numbers) return undefined;
  const why = stored ? `${c} is computed and stored` : `${c} takes a number from a sequence`;
  return {
    message: `${why} for every existing row: PostgreSQL rewrites ${t} under ACCESS EXCLUSIVE, and nobody can read it until that is done`,
    remedy: stored
      ? `Add ${c} as a plain column, fill it in batches and keep it by a trigger, or compute it in a view.`
      : `ALTER TABLE ${t} ADD COLUMN ${c} bigint; CREATE SEQUENCE ${sqlName(derivedName(table.relname ?? '', column.colname ?? '', 'seq'))}; ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT nextval(…); then fill the old rows in batches.`,
  };
}

function requiredColumn({ cmd, table, column, text }: Alteration) {
  if (cmd.subtype !== 'AT_AddColumn' || !column) return undefined;
  if (!hasConstraint(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY') || defaultOf(column)) return undefined;
  if (isSerial(column) || hasConstraint(column, 'CONSTR_IDENTITY', 'CONSTR_GENERATED')) return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(column.colname ?? '')];
  return {
    message: `${c} must not be null and has no default: this fails as soon as ${t} has a row, and the running version cannot insert any more, since it does not know ${c}`,
    remedy: `ALTER TABLE ${t} ${copyableSql(text)} DEFAULT …; a constant default costs nothing. Or add it without NOT NULL, and require it in a later release.`,
  };
}

function setNotNull({ cmd, table, constraint, text }: Alteration, schema: SchemaModel) {
  const added = cmd.subtype === 'AT_AddConstraint' && constraint?.contype === 'CONSTR_NOTNULL';
  if (added && constraint.skip_validation) return undefined;
  if (!added && cmd.subtype !== 'AT_SetNotNull') return undefined;
  const key = added && constraint.keys?.[0];
  const column = key && 'String' in key ? (key.String.sval ?? '') : (cmd.name ?? '');
  if (schema.constraints.isNotNull(table, column)) return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(column)];
  const name = sqlName(derivedName(table.relname ?? '', column, 'not_null'));
  return {
    message: `${copyableSql(text)} reads all of ${t} under ACCESS EXCLUSIVE to look for nulls: nobody can read or write it until that is done`,
    remedy: `ALTER TABLE ${t} ADD CONSTRAINT ${name} CHECK (${c} IS NOT NULL) NOT VALID; in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name}; ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL; ALTER TABLE ${t} DROP CONSTRAINT ${name};`,
  };
}

function changeType({ cmd, table, column }: Alteration, schema: SchemaModel) {
  if (cmd.subtype !== 'AT_AlterColumnType' || !column?.typeName) return undefined;
  const before = schema.factsOf(table)?.columns[cmd.name ?? '']?.type;
  const after = typeText(column.typeName);
  if (before !== undefined && !column.raw_default && isWidening(before, after)) return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  const next = sqlName(derivedName(cmd.name ?? '', 'new'));
  return {
    message: `changing ${c} ${before ? `from ${before} ` : ''}to ${after} rewrites ${t} and its indexes under ACCESS EXCLUSIVE, and the running version may not understand the new type`,
    remedy: `ALTER TABLE ${t} ADD COLUMN ${next} ${after}; write both columns, fill the old rows in batches, read ${next}, and drop ${c} in a later release.`,
  };
}
