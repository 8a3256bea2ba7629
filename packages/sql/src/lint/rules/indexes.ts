import { copyableSql } from '../../syntax/quote-sql.ts';
import { droppedNames } from '../ast.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofRange, sqlName, sqlOf } from '../names.ts';
import { isConcurrent } from '../options.ts';

/** Building, dropping and rebuilding indexes while the table is in use (manual, CREATE INDEX). */
export const indexRules: Rule[] = [
  { name: 'index-without-concurrently', level: 'error', on: ['IndexStmt'], check: createIndex },
  { name: 'drop-index-without-concurrently', level: 'warning', on: ['DropStmt'], check: dropIndex },
  { name: 'reindex-without-concurrently', level: 'warning', on: ['ReindexStmt'], check: reindex },
];

function createIndex({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'IndexStmt' || !statement.node.relation) return [];
  const { relation, concurrent, idxname } = statement.node;
  // ON ONLY makes the index of a partitioned table without looking at its partitions: nothing is read.
  if (concurrent || schema.isNewTable(relation) || relation.inh !== true) return [];
  const table = sqlOf(ofRange(relation));
  const blocks = `CREATE INDEX without CONCURRENTLY holds SHARE on ${table} while it reads the whole table: every INSERT, UPDATE and DELETE waits`;
  if (schema.factsOf(relation)?.kind === 'p') {
    const name = sqlName(idxname ?? derivedName(relation.relname ?? '', 'idx'));
    return [
      {
        offset: statement.offset,
        message: `${blocks}, and a partitioned table does not support CONCURRENTLY`,
        remedy: `CREATE INDEX ${name} ON ONLY ${table} (…); then, for each partition, CREATE INDEX CONCURRENTLY in a separate file and ALTER INDEX ${name} ATTACH PARTITION ….`,
      },
    ];
  }
  const better = copyableSql(statement.text).replace(/\bindex\b/i, 'INDEX CONCURRENTLY');
  return [{ offset: statement.offset, message: blocks, remedy: `In a separate file: ${better};` }];
}

function dropIndex({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'DropStmt' || statement.node.removeType !== 'OBJECT_INDEX') return [];
  const { objects, concurrent, missing_ok } = statement.node;
  const used = droppedNames(objects).filter((index) => !schema.created.isNewIndex(index));
  if (concurrent || used.length === 0) return [];
  const exists = missing_ok ? 'IF EXISTS ' : '';
  return [
    {
      offset: statement.offset,
      message: `DROP INDEX without CONCURRENTLY takes ACCESS EXCLUSIVE on the table of ${used.map(sqlOf).join(', ')}: while it waits for queries that run, every later query waits for it`,
      remedy: `In a separate file: ${used.map((index) => `DROP INDEX CONCURRENTLY ${exists}${sqlOf(index)};`).join(' ')}`,
    },
  ];
}

function reindex({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'ReindexStmt') return [];
  const { kind, relation, params, name } = statement.node;
  // The system catalogs cannot be reindexed concurrently.
  if (isConcurrent(params) || kind === 'REINDEX_OBJECT_SYSTEM') return [];
  if (relation && (schema.isNewTable(relation) || schema.created.isNewIndex(ofRange(relation)))) return [];
  const what = relation ? sqlOf(ofRange(relation)) : sqlName(name ?? 'the database');
  return [
    {
      offset: statement.offset,
      message: `REINDEX without CONCURRENTLY blocks writes to the table of ${what}, and every query that would use the index, until it is rebuilt`,
      remedy: `In a separate file: ${copyableSql(statement.text).replace(/\b(index|table|schema|database)\b/i, (word) => `${word.toUpperCase()} CONCURRENTLY`)};`,
    },
  ];
}
