import { Fault, type Log } from '@slipway/kernel';
import { quoteIdentifier, quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { PartialObject, RangeVar } from './partial-objects.ts';

/** What is to be done with a statement, once it is known what an earlier attempt left. */
export type StatementAction =
  | { do: 'run' }
  | { do: 'nothing'; because: string }
  | { do: 'instead'; sql: string; because: string };

/**
 * Removes what an earlier attempt of a statement left unfinished: an index that is marked invalid costs writes and
 * serves no query, and `IF NOT EXISTS` would take it for the real one (manual, CREATE INDEX).
 * @param resumed Whether a run was stopped in or right after this statement, so that it may be done already.
 * @throws Fault when another session is building the index right now.
 */
export async function cleanUp(
  client: Client,
  partial: PartialObject | null,
  resumed: boolean,
  log: Log,
): Promise<StatementAction> {
  if (partial === null) return { do: 'run' };
  if (partial.kind === 'detached') return finishDetach(client, partial, resumed);
  if (partial.kind === 'dropped') {
    const gone = resumed && (await oidOf(client, partial.index)) === null;
    return gone ? { do: 'nothing', because: `${partial.index} is already dropped` } : { do: 'run' };
  }
  const found = await indexesOf(client, partial);
  for (const { index, valid, builder } of found) {
    if (valid) continue;
    if (builder !== null) throw beingBuilt(index, builder);
    log.info(`${index} is an invalid index from an interrupted build; dropping it`);
    await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  }
  const built = resumed && partial.kind === 'index' && found.find(({ valid }) => valid);
  return built ? { do: 'nothing', because: `${built.index} is already built` } : { do: 'run' };
}

interface FoundIndex {
  index: string;
  valid: boolean;
  /** Session that is building it now. */
  builder: number | null;
}

async function indexesOf(
  client: Client,
  of: Extract<PartialObject, { kind: 'index' | 'reindexed' }>,
): Promise<FoundIndex[]> {
  const which =
    of.kind === 'index'
      ? `i.indrelid = to_regclass(${regclass(of.table)}) AND c.relname = ${quoteLiteral(of.name)}`
      : `${of.index ? `i.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(${regclass(of.on)}))` : `i.indrelid = to_regclass(${regclass(of.on)})`}
         AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT i.indisvalid`;
  const { rows } = await client.query<FoundIndex>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS index, i.indisvalid AS valid,
       (SELECT pid FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS builder
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${which}`,
  );
  return rows;
}

async function finishDetach(
  client: Client,
  { parent, partition }: Extract<PartialObject, { kind: 'detached' }>,
  resumed: boolean,
): Promise<StatementAction> {
  const { rows } = await client.query<{ pending: boolean }>(
    `SELECT inhdetachpending AS pending FROM pg_inherits
     WHERE inhparent = to_regclass(${regclass(parent)}) AND inhrelid = to_regclass(${regclass(partition)})`,
  );
  if (rows[0]?.pending) {
    const sql = `ALTER TABLE ${nameOf(parent)} DETACH PARTITION ${nameOf(partition)} FINALIZE`;
    return { do: 'instead', sql, because: 'an interrupted detach is being finished' };
  }
  if (rows.length > 0 || !resumed) return { do: 'run' };
  return { do: 'nothing', because: `${nameOf(partition)} is already detached` };
}

function beingBuilt(index: string, builder: number): Fault {
  return new Fault(`session ${builder} is building ${index} right now`, {
    hint: `Wait until it is done and re-run this job, or terminate it with SELECT pg_terminate_backend(${builder}).`,
  });
}

async function oidOf(client: Client, name: string): Promise<string | null> {
  const { rows } = await client.query(`SELECT to_regclass(${quoteLiteral(name)})::text AS name`);
  return rows[0]?.name ?? null;
}

function nameOf({ schemaname, relname }: RangeVar): string {
  return [schemaname, relname].flatMap((part) => (part ? [quoteIdentifier(part)] : [])).join('.');
}

function regclass(of: RangeVar): string {
  return quoteLiteral(nameOf(of));
}
