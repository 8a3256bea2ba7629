import type { NodeTag } from '../../syntax/grammar.ts';
import { quoteSql } from '../../syntax/quote-sql.ts';
import { alterations, droppedNames } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { type Named, ofParts, ofRange, sqlOf, strings } from '../names.ts';
import { changingRows, rowChanges } from '../row-changes.ts';
import type { SchemaModel } from '../schema-model.ts';

const changing: Record<string, string> = {
  AT_AlterColumnType: 'changes a column of',
  AT_DropColumn: 'drops a column of',
  AT_DisableTrig: 'disables a trigger on',
  AT_DisableTrigAll: 'disables the triggers on',
  AT_DisableTrigUser: 'disables the triggers on',
  AT_DisableRule: 'disables a rule on',
  AT_SetUnLogged: 'removes the crash safety of',
};

/**
 * Tables that only grow, such as the events of an event store: every projection, and every consumer that has read
 * them, counts on their never changing.
 * @param tables Names, with a schema or without; without one they are meant in every schema.
 */
export function appendOnlyRules(tables: readonly string[]): Rule[] {
  const wanted = tables.map((table) => ofParts(table.replaceAll('"', '').split('.')));
  const isMeant = (named: Named, schema: SchemaModel): boolean =>
    !schema.created.isNew(named) &&
    wanted.some(
      (one) =>
        one.name === named.name &&
        (one.schema === null || schema.created.keyOf(named) === `${one.schema}.${one.name}`),
    );
  const check = ({ statement, schema }: Subject): Hit[] =>
    touched(statement).flatMap(({ named, does, offset }) =>
      isMeant(named, schema)
        ? [
            {
              offset: offset ?? statement.offset,
              message: `this ${does} ${sqlOf(named)}, which only grows: projections and consumers have read the old events, and do not notice the change`,
              remedy: `Append an event that corrects the old one, or translate old events when they are read; rebuild projections from them. ("${quoteSql(statement.text, 80)}")`,
            },
          ]
        : [],
    );
  const on = wanted.length > 0 ? touchingTags : [];
  return [{ name: 'append-only', level: 'error', on, check }];
}

const touchingTags: readonly NodeTag[] = ['TruncateStmt', 'DropStmt', 'AlterTableStmt', ...changingRows];

interface Touched {
  named: Named;
  does: string;
  offset?: number;
}

function touched(statement: Subject['statement']): Touched[] {
  if (statement.tag === 'TruncateStmt')
    return (statement.node.relations ?? []).flatMap((node) =>
      'RangeVar' in node ? [{ named: ofRange(node.RangeVar), does: 'empties' }] : [],
    );
  if (statement.tag === 'DropStmt') return droppedFrom(statement.node);
  if (statement.tag === 'AlterTableStmt')
    return alterations(statement).flatMap(({ cmd, table, offset }) => {
      const does = changing[cmd.subtype ?? ''];
      return does ? [{ named: ofRange(table), does, offset }] : [];
    });
  return rowChanges(statement).flatMap(({ table, what }) =>
    what === 'INSERT'
      ? []
      : [{ named: ofRange(table), does: what === 'UPDATE' ? 'changes rows of' : 'deletes rows of' }],
  );
}

function droppedFrom({
  objects = [],
  removeType,
}: Extract<Subject['statement'], { tag: 'DropStmt' }>['node']): Touched[] {
  if (removeType === 'OBJECT_TABLE') return droppedNames(objects).map((named) => ({ named, does: 'drops' }));
  if (removeType !== 'OBJECT_TRIGGER' && removeType !== 'OBJECT_RULE') return [];
  return objects.flatMap((node) =>
    'List' in node
      ? [{ named: ofParts(strings(node.List.items).slice(0, -1)), does: 'drops a trigger of' }]
      : [],
  );
}
