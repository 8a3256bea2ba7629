import { droppedNames } from '../ast.ts';
import type { Hit, Subject } from '../finding.ts';
import { type Named, ofParts, ofRange, sqlOf, strings } from '../names.ts';
import type { SchemaModel } from '../schema-model.ts';
import { later } from './contract.ts';

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

/** A rule over DROP of tables, or of everything else that programs call by name. */
export function drop(which: 'table' | 'other') {
  return (subject: Subject): Hit[] => {
    const { statement, schema } = subject;
    if (statement.tag !== 'DropStmt') return [];
    const what = dropped[statement.node.removeType ?? ''];
    if (!what || (what === 'table') !== (which === 'table')) return [];
    return droppedNames(statement.node.objects)
      .filter(
        (named) =>
          !isUnused(subject, named, what) && !(what === 'schema' && schema.created.isNewSchema(named.name)),
      )
      .map((named) => ({
        offset: statement.offset,
        message: `the running version may still use the ${what} ${sqlOf(named)}: its queries fail from then on${what === 'table' ? ', and no rollback brings the rows back' : ''}`,
        remedy: `First a release whose code does not use ${sqlOf(named)}; then drop it ${later}.`,
      }));
  };
}

/** Created by the files themselves, or, of what holds no rows, created again further down in the same file. */
function isUnused({ statement, script, schema }: Subject, named: Named, what: string): boolean {
  if (
    schema.created.isNew(named) ||
    (/function|procedure|routine/.test(what) && schema.created.functions.has(named.name))
  )
    return true;
  if (what === 'table' || what === 'sequence' || what === 'schema') return false;
  const key = schema.created.keyOf(named);
  return script.statements.some((one) => one.offset > statement.offset && made(one, schema) === key);
}

function made(statement: Subject['statement'], schema: SchemaModel): string | undefined {
  if (statement.tag === 'ViewStmt' && statement.node.view)
    return schema.created.keyOf(ofRange(statement.node.view));
  if (statement.tag === 'CreateTableAsStmt' && statement.node.into?.rel)
    return schema.created.keyOf(ofRange(statement.node.into.rel));
  if (statement.tag === 'CreateFunctionStmt')
    return schema.created.keyOf(ofParts(strings(statement.node.funcname)));
  return undefined;
}
