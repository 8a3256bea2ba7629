import type { AlterEnumStmt } from 'libpg-query';
import { droppedNames } from '../ast.ts';
import type { Hit, Subject } from '../finding.ts';
import { type Named, ofParts, ofRange, sqlName, sqlOf, strings } from '../names.ts';
import { later } from './contract.ts';

/** What the running version knows by another name from then on. */
export function rename({ statement, script, schema }: Subject): Hit[] {
  const renamed = renaming(statement);
  if (
    !renamed ||
    schema.created.isNew(renamed.of) ||
    (renamed.schema && schema.created.isNewSchema(renamed.of.name))
  )
    return [];
  const { what, old, to, of } = renamed;
  // Renamed and at once replaced by a view of the old name, it continues to work for the old version.
  const covered = script.statements.some(
    (one) =>
      one.tag === 'ViewStmt' &&
      one.node.view &&
      schema.created.keyOf(ofRange(one.node.view)) === schema.created.keyOf(of),
  );
  if (covered && what === 'table') return [];
  const copy =
    what === 'column'
      ? `ALTER TABLE ${sqlOf(of)} ADD COLUMN ${to} …; write both, fill the old rows in batches, read ${to}; drop ${old} ${later}.`
      : what === 'table'
        ? `After it, in the same file, CREATE VIEW ${sqlOf(of)} AS SELECT * FROM ${to}; and drop the view ${later}.`
        : `Do it ${later}.`;
  return [
    {
      offset: statement.offset,
      message: `the running version knows ${old} and not ${to}: its queries fail from then on, and so do those of a rollback`,
      remedy: copy,
    },
  ];
}

interface Renaming {
  what: 'table' | 'column' | 'other';
  /** The table or type that it is about. */
  of: Named;
  old: string;
  to: string;
  schema?: boolean;
}

function renaming(statement: Subject['statement']): Renaming | undefined {
  if (statement.tag === 'AlterEnumStmt') return renamedValue(statement.node);
  if (statement.tag === 'AlterObjectSchemaStmt') {
    const { relation, object, objectType, newschema = '' } = statement.node;
    const of = relation ? ofRange(relation) : object ? droppedNames([object])[0] : undefined;
    if (!of || !/TABLE|VIEW|TYPE|DOMAIN|FUNCTION|PROCEDURE|ROUTINE|SEQUENCE/.test(objectType ?? ''))
      return undefined;
    return { what: 'other', of, old: sqlOf(of), to: `${sqlName(newschema)}.${sqlName(of.name)}` };
  }
  if (statement.tag !== 'RenameStmt') return undefined;
  const { renameType = '', relation, object, subname = '', newname = '' } = statement.node;
  const to = sqlName(newname);
  if (/^OBJECT_(?:COLUMN|ATTRIBUTE)$/.test(renameType) && relation)
    return {
      what: 'column',
      of: ofRange(relation),
      old: `${sqlOf(ofRange(relation))}.${sqlName(subname)}`,
      to,
    };
  if (/^OBJECT_(?:TABLE|VIEW|MATVIEW|FOREIGN_TABLE|SEQUENCE)$/.test(renameType) && relation)
    return { what: 'table', of: ofRange(relation), old: sqlOf(ofRange(relation)), to };
  if (renameType === 'OBJECT_SCHEMA')
    return { what: 'other', of: { schema: null, name: subname }, old: sqlName(subname), to, schema: true };
  if (/^OBJECT_(?:TYPE|DOMAIN|FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)$/.test(renameType) && object) {
    const [of] = droppedNames([object]);
    return of && { what: 'other', of, old: sqlOf(of), to };
  }
  return undefined;
}

function renamedValue({ typeName, oldVal, newVal = '' }: AlterEnumStmt): Renaming | undefined {
  if (oldVal === undefined) return undefined;
  const of = ofParts(strings(typeName));
  return { what: 'other', of, old: `the value '${oldVal}' of ${sqlOf(of)}`, to: `'${newVal}'` };
}
