import type { Client } from 'pg';

/** A pooler between us and the server. */
export interface Pooler {
  /** As its users call it, where the address tells: `PgBouncer`. */
  name: string;
  /** Each transaction may get another server connection: session settings and session locks are not ours. */
  perTransaction: boolean;
}

/**
 * Whether a pooler stands between: it tells its client of a server process of its own making, because it answers cancel
 * requests itself. @param process The server process that answers.
 */
export function isPooled(client: Client, process: number): boolean {
  return (client as unknown as { processID: number | null }).processID !== process;
}

/**
 * What kind of pooler stands between. One that pools by transaction gives the server connection on as soon as a transaction is over, so that a
 * second client is seen on it.
 * @param other Another connection to the same address, in no transaction; it is left so.
 */
export async function describePooler(client: Client, other: Client): Promise<Pooler> {
  // Most poolers give out first what came back last: nothing must be asked between this and the next.
  const own = await backendOf(client);
  await other.query('BEGIN');
  try {
    const [theirs, again] = [await backendOf(other), await backendOf(client)];
    return { name: nameOf(client), perTransaction: theirs === own || again !== own };
  } finally {
    await other.query('ROLLBACK');
  }
}

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return Number(rows[0]?.pid);
}

/** Host names of the hosted ones, and the port that PgBouncer has by default. */
function nameOf({ host, port }: Client): string {
  if (/-pooler\./.test(host)) return 'the pooler of Neon';
  if (/\.pooler\.supabase\.com$/.test(host)) return 'Supavisor';
  if (/\.proxy-[^.]+\..*\.rds\.amazonaws\.com$/.test(host)) return 'RDS Proxy';
  return port === 6432 ? 'PgBouncer' : 'a pooler such as PgBouncer';
}
