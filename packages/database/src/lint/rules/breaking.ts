import type { AlterEnumStmt } from 'libpg-query';
import { type Alteration, droppedNames } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { type Named, ofParts, ofRange, sqlName, sqlOf, strings } from '../names.ts';
import type { World } from '../world.ts';
import { each } from './columns.ts';

/**
 * What breaks the version that is running: it uses the old schema until the new one serves, and again after a rollback.
 * Belongs into a release of its own, after the last program that needs it is gone: `-- slipway: contract`.
 */
export const breakingRules: Rule[] = [
  { name: 'rename', level: 'error', contract: true, check: rename },
  { name: 'drop-column', level: 'error', contract: true, check: each(dropColumn) },
  { name: 'drop-table', level: 'error', contract: true, check: drop('table') },
  { name: 'drop-object', level: 'error', contract: true, check: drop('other') },
  { name: 'drop-not-null', level: 'error', contract: true, check: each(dropNotNull) },
  { name: 'drop-default', level: 'error', contract: true, check: each(dropDefault) },
];

const later =
  'in a release of its own, when no program that runs needs it any more, in a file with "-- slipway: contract"';

function rename({ statement, script, world }: Subject): Hit[] {
  const renamed = renaming(statement);
  if (!renamed || world.isNew(renamed.of) || (renamed.schema && world.isNewSchema(renamed.of.name)))
    return [];
  const { what, old, to, of } = renamed;
  // Renamed and at once replaced by a view of the old name, it goes on working for the old version.
  const covered = script.statements.some(
    (one) =>
      one.tag === 'ViewStmt' && one.node.view && world.keyOf(ofRange(one.node.view)) === world.keyOf(of),
  );
  if (covered && what === 'table') return [];
  const copy =
    what === 'column'
      ? `ALTER TABLE ${sqlOf(of)} ADD COLUMN ${to} …; write both, fill the old rows in batches, read ${to}; drop ${old} ${later}.`
      : what === 'table'
        ? `Behind it, in the same file, CREATE VIEW ${sqlOf(of)} AS SELECT * FROM ${to}; and drop the view ${later}.`
        : `Do it ${later}.`;
  return [
    {
      offset: statement.offset,
      message: `the version that is running knows ${old} and not ${to}: from this moment on its queries fail, and so do those of a rollback`,
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

function dropColumn({ cmd, table }: Alteration) {
  if (cmd.subtype !== 'AT_DropColumn') return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `the version that is running may still read or write ${t}.${c}: its queries fail from this moment on, and no rollback brings the values back`,
    remedy: `First a release whose code does not use ${c}; then ALTER TABLE ${t} DROP COLUMN ${c}; ${later}.`,
  };
}

/** What DROP takes away, in words; what is not here (triggers, policies, casts …) no program calls by name. */
const dropped: Record<string, string> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialised view',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'domain',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_EXTENSION: 'extension',
};

function drop(which: 'table' | 'other') {
  return (subject: Subject): Hit[] => {
    const { statement, world } = subject;
    if (statement.tag !== 'DropStmt') return [];
    const what = dropped[statement.node.removeType ?? ''];
    if (!what || (what === 'table') !== (which === 'table')) return [];
    return droppedNames(statement.node.objects)
      .filter(
        (named) => !isUnused(subject, named, what) && !(what === 'schema' && world.isNewSchema(named.name)),
      )
      .map((named) => ({
        offset: statement.offset,
        message: `the version that is running may still use the ${what} ${sqlOf(named)}: its queries fail from this moment on${what === 'table' ? ', and no rollback brings the rows back' : ''}`,
        remedy: `First a release whose code does not use ${sqlOf(named)}; then drop it ${later}.`,
      }));
  };
}

/** Made by the set itself, or, of what holds no rows, made anew further down in the same file. */
function isUnused({ statement, script, world }: Subject, named: Named, what: string): boolean {
  if (world.isNew(named) || (/function|procedure|routine/.test(what) && world.functions.has(named.name)))
    return true;
  if (what === 'table' || what === 'sequence' || what === 'schema') return false;
  const key = world.keyOf(named);
  return script.statements.some((one) => one.offset > statement.offset && made(one, world) === key);
}

function made(statement: Subject['statement'], world: World): string | undefined {
  if (statement.tag === 'ViewStmt' && statement.node.view) return world.keyOf(ofRange(statement.node.view));
  if (statement.tag === 'CreateTableAsStmt' && statement.node.into?.rel)
    return world.keyOf(ofRange(statement.node.into.rel));
  if (statement.tag === 'CreateFunctionStmt') return world.keyOf(ofParts(strings(statement.node.funcname)));
  return undefined;
}

function dropNotNull({ cmd, table }: Alteration) {
  if (cmd.subtype !== 'AT_DropNotNull') return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `the version that is running counts on ${t}.${c} never being null: it fails on the first null that the new one writes`,
    remedy: `First a release whose code reads null in ${c}; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP NOT NULL; ${later}.`,
  };
}

function dropDefault({ cmd, table }: Alteration, world: World) {
  if (cmd.subtype !== 'AT_ColumnDefault' || cmd.def || !world.isRequired(table, cmd.name ?? ''))
    return undefined;
  const [t, c] = [sqlOf(ofRange(table)), sqlName(cmd.name ?? '')];
  return {
    message: `without its default ${t}.${c}, which must not be null, has to be in every INSERT, and the version that is running does not name it`,
    remedy: `Keep the default until the new version serves; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP DEFAULT; ${later}.`,
  };
}
