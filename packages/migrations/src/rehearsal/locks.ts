import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';

/** A lock that a migration held on a table that was there before it. */
export interface HeldLock {
  /** As the session's search_path shows it. */
  relation: string;
  /** As pg_locks names it, e.g. AccessExclusiveLock. */
  mode: string;
}

/** Modes that keep writers (ShareLock and stronger) or readers (AccessExclusiveLock) waiting; manual, 13.3.1. */
const blockingModes = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

/** The tables by which a rehearsal notes what each file locked. They are dropped with the copy. */
export interface LockRecorder {
  /** SQL for the end of the transaction of a file. */
  note(file: string): string;
  read(client: Client): Promise<Map<string, HeldLock[]>>;
}

/** @param schema Quoted; '' for the first of search_path. */
export async function prepareLockRecorder(client: Client, schema: string): Promise<LockRecorder> {
  const [notes, known] = [`${schema}slipway_rehearsal`, `${schema}slipway_rehearsal_known`];
  await client.query(`DROP TABLE IF EXISTS ${notes}, ${known};
CREATE TABLE ${notes} (file text, relation text, mode text);
CREATE TABLE ${known} AS SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'i')`);
  return {
    note: (file) => `INSERT INTO ${notes}
 SELECT ${quoteLiteral(file)}, c.oid::regclass::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
   AND l.mode IN (${blockingModes.map(quoteLiteral).join(', ')}) AND c.oid IN (SELECT oid FROM ${known})`,
    async read(client) {
      const { rows } = await client.query<HeldLock & { file: string }>(
        `SELECT DISTINCT file, relation, mode FROM ${notes} ORDER BY relation, mode`,
      );
      const held = new Map<string, HeldLock[]>();
      for (const { file, relation, mode } of rows) {
        held.set(file, [...(held.get(file) ?? []), { relation, mode }]);
      }
      return held;
    },
  };
}
