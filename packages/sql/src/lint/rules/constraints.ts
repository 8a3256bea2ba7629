import type { Constraint } from 'libpg-query';
import { copyableSql } from '../../syntax/quote-sql.ts';
import { type Alteration, constraintsOf, defaultOf } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofRange, sqlName, sqlOf, strings } from '../names.ts';
import type { SchemaModel } from '../schema-model.ts';
import { each } from './columns.ts';

/** Constraints on tables in use: check old rows apart from new ones, build indexes beforehand. */
export const constraintRules: Rule[] = [
  { name: 'foreign-key-without-not-valid', level: 'error', on: ['AlterTableStmt'], check: each(foreignKey) },
  { name: 'check-without-not-valid', level: 'error', on: ['AlterTableStmt'], check: each(check) },
  { name: 'constraint-builds-index', level: 'error', on: ['AlterTableStmt'], check: each(buildsIndex) },
  { name: 'validate-in-same-file', level: 'error', on: ['AlterTableStmt'], check: validate },
];

/** The constraint that a subcommand adds, whether to the table or with a new column. */
function added(it: Alteration, ...types: Constraint['contype'][]): Constraint | undefined {
  if (it.cmd.subtype === 'AT_AddConstraint')
    return types.includes(it.constraint?.contype) ? it.constraint : undefined;
  if (it.cmd.subtype !== 'AT_AddColumn' || !it.column) return undefined;
  return constraintsOf(it.column).find(({ contype }) => types.includes(contype));
}

function nameOf(it: Alteration, constraint: Constraint, suffix: string): string {
  const columns = [...strings(constraint.fk_attrs), ...strings(constraint.keys)];
  const column = it.column?.colname ?? columns.join('_');
  return sqlName(constraint.conname ?? derivedName(it.table.relname ?? '', column, suffix));
}

function foreignKey(it: Alteration, schema: SchemaModel) {
  const constraint = added(it, 'CONSTR_FOREIGN');
  if (!constraint?.pktable || constraint.skip_validation || constraint.is_enforced === false)
    return undefined;
  // A new column without a default holds nulls only, and PostgreSQL knows (transformFKConstraints): nothing is read.
  if (it.column && !defaultOf(it.column)) return undefined;
  const [t, other] = [sqlOf(ofRange(it.table)), sqlOf(ofRange(constraint.pktable))];
  const name = nameOf(it, constraint, 'fkey');
  const both = schema.isNewTable(constraint.pktable) ? `on ${t}` : `on ${t} and ${other}`;
  return {
    message: `this foreign key is checked for every row of ${t} while SHARE ROW EXCLUSIVE is held ${both}: every INSERT, UPDATE and DELETE there waits`,
    remedy: it.column
      ? `Add the column first; then ALTER TABLE ${t} ADD CONSTRAINT ${name} FOREIGN KEY (${sqlName(it.column.colname ?? '')}) REFERENCES ${other} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`
      : `ALTER TABLE ${t} ${copyableSql(it.text)} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`,
  };
}

function check(it: Alteration, schema: SchemaModel) {
  const constraint = added(it, 'CONSTR_CHECK');
  if (!constraint || constraint.skip_validation || constraint.is_enforced === false) return undefined;
  const t = sqlOf(ofRange(it.table));
  const name = nameOf(it, constraint, 'check');
  const isForeignTable = schema.factsOf(it.table)?.kind === 'f';
  if (isForeignTable) return undefined;
  return {
    message: `this CHECK is tried on every row of ${t} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
    remedy: it.column
      ? `Add the column without CHECK; then ALTER TABLE ${t} ADD CONSTRAINT ${name} CHECK (…) NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`
      : `ALTER TABLE ${t} ${copyableSql(it.text)} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`,
  };
}

const kinds: Record<string, { word: string; suffix: string }> = {
  CONSTR_UNIQUE: { word: 'UNIQUE', suffix: 'key' },
  CONSTR_PRIMARY: { word: 'PRIMARY KEY', suffix: 'pkey' },
  CONSTR_EXCLUSION: { word: 'EXCLUDE', suffix: 'excl' },
};

function buildsIndex(it: Alteration) {
  const constraint = added(it, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION');
  const kind = kinds[constraint?.contype ?? ''];
  if (!constraint || !kind || constraint.indexname) return undefined;
  const t = sqlOf(ofRange(it.table));
  const message = `${kind.word} builds an index over all of ${t} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`;
  if (kind.word === 'EXCLUDE')
    return {
      message,
      remedy: `It cannot be built in advance: run it when ${t} is small or unused, and allow it with "-- slipway: allow constraint-builds-index because …".`,
    };
  const columns = it.column ? [it.column.colname ?? ''] : strings(constraint.keys);
  const name = nameOf(it, constraint, kind.suffix);
  const first = it.column ? 'Add the column first. ' : '';
  const nulls =
    kind.word === 'PRIMARY KEY' ? ' The columns must be NOT NULL already, or they are read again.' : '';
  return {
    message,
    remedy: `${first}In a separate file: CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${t} (${columns.map(sqlName).join(', ')}); and in the next ALTER TABLE ${t} ADD CONSTRAINT ${name} ${kind.word} USING INDEX ${name};${nulls}`,
  };
}

function validate({ alterations, script, schema }: Subject): Hit[] {
  const here = new Map<string, Alteration>();
  return alterations.flatMap((it) => {
    if (it.constraint?.skip_validation && it.constraint.conname) here.set(it.constraint.conname, it);
    if (it.cmd.subtype !== 'AT_ValidateConstraint') return [];
    const name = it.cmd.name ?? '';
    const earlier = schema.constraints.constraint(it.table, name);
    if (!here.has(name) && (!earlier || earlier.file !== script.file || earlier.validated)) return [];
    const [t, c] = [sqlOf(ofRange(it.table)), sqlName(name)];
    return [
      {
        offset: it.offset,
        message: `${c} is validated in the transaction that adds it, so the lock of ADD CONSTRAINT on ${t} is held while every row is read: NOT VALID gains nothing`,
        remedy: `Move "ALTER TABLE ${t} VALIDATE CONSTRAINT ${c};" to the next file: it reads the rows without blocking anybody.`,
      },
    ];
  });
}
