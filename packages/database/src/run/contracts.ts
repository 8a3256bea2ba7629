import { Cancelled, UserError } from '@slipway/kernel';
import type { Client } from 'pg';
import { closeConnection, connect, cutConnection } from '../connection/connect.ts';
import { connectionError } from '../connection/connection-error.ts';
import { asDatabaseError } from '../connection/lost.ts';
import { refusedReading } from '../sql/text.ts';
import { findVersionQuery, listVersions } from './tool-versions.ts';

/** A contract that is applied, or was begun. */
export interface AppliedContract {
  version: string;
  /**
   * Seconds since it was begun or, of a program's migrations, since it was first seen applied, by the server's clock;
   * null when nobody wrote that down.
   */
  age: number | null;
}

export interface ContractsQuestion {
  url: string;
  /** Milliseconds for the whole exchange. */
  timeout: number;
  signal: AbortSignal;
  /** For migrations that a program runs: the versions that are named as contracts, and the query that lists the applied. */
  named?: { contracts: readonly string[]; versions?: string | undefined };
}

/**
 * Asks a database which contracts are applied, over one connection that reads only and waits for no lock.
 * @throws UserError when it cannot be reached, may not be read, or has nothing that tells; Fault; Cancelled.
 */
export async function readContracts(question: ContractsQuestion): Promise<AppliedContract[]> {
  const { url, timeout, named } = question;
  const deadline = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([question.signal, deadline]);
  const during = 'the look at the database';
  let client: Client | undefined;
  const cut = (): void => client && cutConnection(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    client = await connect({ url, applicationName: 'slipway rollback', timeout, signal });
    // A query of the users' own is among them. What the server is told ends with the transaction, also behind a pooler.
    await client.query(
      `BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeout}; SET LOCAL lock_timeout = '1s'`,
    );
    return named ? await appliedOf(client, named) : await markedContracts(client);
  } catch (error) {
    if (question.signal.aborted) throw new Cancelled(during);
    if (deadline.aborted) throw connectionError({ code: 'ETIMEDOUT' });
    throw asDatabaseError(error, during);
  } finally {
    signal.removeEventListener('abort', cut);
    if (client) await closeConnection(client);
  }
}

async function markedContracts(client: Client): Promise<AppliedContract[]> {
  const noted = await readNoted(client);
  if (noted === null) {
    throw new UserError('the database has no table slipway_migrations', {
      hint: 'Check that the database URL is that of the environment; db-migrate makes the table when it first migrates.',
    });
  }
  return noted.filter(({ contract }) => contract !== null);
}

/** Of the versions that users named, those that are applied. */
async function appliedOf(
  client: Client,
  { contracts, versions }: NonNullable<ContractsQuestion['named']>,
): Promise<AppliedContract[]> {
  const sql = versions === undefined ? null : { of: 'database.migrations.versions', sql: versions };
  const query = sql ?? (await findVersionQuery(client));
  const listed = query === null ? [] : await listVersions(client, query);
  const ages = new Map((await readNoted(client))?.map(({ version, age }) => [version, age]));
  const applied = contracts.filter((version) => listed.includes(version) || ages.has(version));
  if (listed.length <= 1 && applied.length < contracts.length) {
    throw new UserError('no version table lists all applied migrations', {
      hint: 'Set database.migrations.versions to a query whose first column lists them, oldest first.',
    });
  }
  return applied.map((version) => ({ version, age: ages.get(version) ?? null }));
}

/** Schemas that tools have for themselves; the tables of all others are where search_path leads. */
const ofTools = ['sqitch', 'graphile_migrate', 'drizzle'];

/** The rows of the journal, wherever the tool has its version table; null when there is none. */
async function readNoted(client: Client): Promise<(AppliedContract & { contract: string | null })[] | null> {
  const journals = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'slipway_migrations' AND c.relkind = 'r'
       AND (pg_table_is_visible(c.oid) OR n.nspname = ANY ($1::text[]))`,
    [ofTools],
  );
  const rows = [];
  for (const { name } of journals.rows) {
    const found = await client
      .query<AppliedContract & { contract: string | null }>(
        `SELECT version, contract, extract(epoch FROM clock_timestamp() - started_at)::float8 AS age FROM ${name}`,
      )
      .catch((error: unknown) => {
        throw refusedReading(error, name);
      });
    rows.push(...found.rows);
  }
  return journals.rows.length === 0 ? null : rows;
}
