import { copyableSql } from '../../syntax/quote-sql.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { ofRange, sqlName, sqlOf } from '../names.ts';

/** What takes away more than its line shows. */
export const destructiveRules: Rule[] = [
  { name: 'truncate', level: 'error', on: ['TruncateStmt'], check: truncate },
  { name: 'cascade', level: 'error', on: ['DropStmt', 'DropOwnedStmt', 'AlterTableStmt'], check: cascade },
  { name: 'drop-database', level: 'error', on: ['DropdbStmt'], check: dropDatabase },
];

function truncate({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'TruncateStmt') return [];
  const { relations = [], behavior } = statement.node;
  const tables = relations.flatMap((node) =>
    'RangeVar' in node && !schema.isNewTable(node.RangeVar) ? [sqlOf(ofRange(node.RangeVar))] : [],
  );
  if (tables.length === 0) return [];
  const more = behavior === 'DROP_CASCADE' ? ', and every table with a foreign key to it,' : '';
  return [
    {
      offset: statement.offset,
      message: `TRUNCATE empties ${tables.join(', ')}${more} under ACCESS EXCLUSIVE: no rollback of the release brings the rows back`,
      remedy: `Delete what is to go, in batches: ${tables.map((t) => `DELETE FROM ${t} WHERE …;`).join(' ')}`,
    },
  ];
}

function cascade({ statement, alterations }: Subject): Hit[] {
  const hit = (offset: number, text: string): Hit => ({
    offset,
    message: `CASCADE also drops whatever depends on it, and this file does not show what that is on the server`,
    remedy: `Name what is to go, each in its own DROP, and end with ${copyableSql(text).replace(/\s*\bcascade\b/i, '')};`,
  });
  if (statement.tag === 'DropStmt' || statement.tag === 'DropOwnedStmt')
    return statement.node.behavior === 'DROP_CASCADE' ? [hit(statement.offset, statement.text)] : [];
  return alterations.flatMap(({ cmd, table, text, offset }) => {
    if (cmd.behavior !== 'DROP_CASCADE') return [];
    return [hit(offset, `ALTER TABLE ${sqlOf(ofRange(table))} ${text}`)];
  });
}

function dropDatabase({ statement }: Subject): Hit[] {
  if (statement.tag !== 'DropdbStmt') return [];
  const name = sqlName(statement.node.dbname ?? '');
  return [
    {
      offset: statement.offset,
      message: `DROP DATABASE takes ${name} away with everything in it, and only a backup brings it back`,
      remedy: 'Remove it from the migrations, and drop it by hand when nobody needs it.',
    },
  ];
}
