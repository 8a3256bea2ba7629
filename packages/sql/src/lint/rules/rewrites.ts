import type { RangeVar } from 'libpg-query';
import { copyableSql } from '../../syntax/quote-sql.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { ofRange, sqlOf } from '../names.ts';
import { isOff } from '../options.ts';

/** Statements whose purpose is a heavy lock or a rewrite. */
export const rewriteRules: Rule[] = [
  { name: 'vacuum-full', level: 'error', on: ['VacuumStmt'], check: vacuumFull },
  { name: 'cluster', level: 'error', on: ['ClusterStmt'], check: cluster },
  { name: 'table-rewrite', level: 'error', on: ['AlterTableStmt'], check: tableRewrite },
  { name: 'lock-table', level: 'error', on: ['LockStmt'], check: lockTable },
  { name: 'refresh-without-concurrently', level: 'error', on: ['RefreshMatViewStmt'], check: refresh },
];

function vacuumFull({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'VacuumStmt') return [];
  const { options = [], rels = [] } = statement.node;
  const full = options.some((node) => 'DefElem' in node && node.DefElem.defname === 'full');
  if (!full || isOff(options, 'full')) return [];
  const tables = rels.flatMap((node) =>
    'VacuumRelation' in node && node.VacuumRelation.relation ? [node.VacuumRelation.relation] : [],
  );
  if (tables.length > 0 && tables.every((table) => schema.isNewTable(table))) return [];
  const what = tables.map((table) => sqlOf(ofRange(table))).join(', ');
  return [
    {
      offset: statement.offset,
      message: `VACUUM FULL rewrites ${what || 'every table'} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
      remedy: `VACUUM (ANALYZE) ${what}; makes the space reusable without a lock; to shrink the file use pg_repack outside the release.`,
    },
  ];
}

function cluster({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'ClusterStmt') return [];
  const { relation } = statement.node;
  if (relation && schema.isNewTable(relation)) return [];
  const what = relation ? sqlOf(ofRange(relation)) : 'every clustered table';
  return [
    {
      offset: statement.offset,
      message: `CLUSTER rewrites ${what} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
      remedy: 'Use pg_repack with an order outside the release.',
    },
  ];
}

const rewriting: Record<string, string> = {
  AT_SetTableSpace: 'copies it to another tablespace',
  AT_SetLogged: 'writes all of it to the log',
  AT_SetUnLogged: 'rewrites it, and a crash empties it',
  AT_SetAccessMethod: 'rewrites it',
  // A virtual column (PostgreSQL 18) is not stored; which kind it is only the server knows.
  AT_SetExpression: 'recomputes the column for every row, unless it is virtual, and rewrites it',
};

function tableRewrite({ alterations }: Subject): Hit[] {
  return alterations.flatMap(({ cmd, table, text, offset }) => {
    const does = rewriting[cmd.subtype ?? ''];
    if (!does) return [];
    const t = sqlOf(ofRange(table));
    return [
      {
        offset,
        message: `${copyableSql(text)} on ${t} ${does} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
        remedy: `Use pg_repack outside the release, or copy ${t} to a new table and switch to it in a later release.`,
      },
    ];
  });
}

const modes = [
  '',
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

function lockTable({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'LockStmt') return [];
  const { relations = [], mode = 8 } = statement.node;
  const tables = relations.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
  const used = tables.filter((table: RangeVar) => !schema.isNewTable(table));
  if (mode < 5 || used.length === 0) return [];
  const what = used.map((table) => sqlOf(ofRange(table))).join(', ');
  const waits = mode === 8 ? 'every query' : 'every INSERT, UPDATE and DELETE';
  return [
    {
      offset: statement.offset,
      message: `LOCK TABLE holds ${modes[mode]} on ${what} until the file is committed: ${waits} waits`,
      remedy: `Leave it out: each statement takes the lock that it needs; or LOCK TABLE ${what} IN SHARE UPDATE EXCLUSIVE MODE; against a second migration.`,
    },
  ];
}

function refresh({ statement, schema }: Subject): Hit[] {
  if (statement.tag !== 'RefreshMatViewStmt' || !statement.node.relation) return [];
  const { relation, concurrent } = statement.node;
  if (concurrent || schema.isNewTable(relation)) return [];
  const view = sqlOf(ofRange(relation));
  return [
    {
      offset: statement.offset,
      message: `REFRESH without CONCURRENTLY holds ACCESS EXCLUSIVE on ${view} while its query runs: nobody can read it until then`,
      remedy: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${view}; it needs a unique index without WHERE.`,
    },
  ];
}
