import type { Client } from 'pg';

/** A connection pooler between the client and the server. */
export interface Pooler {
  /** Its usual name, where the address reveals it: `PgBouncer`. */
  name: string;
  /** Each transaction may get another server connection: session settings and session locks do not last. */
  perTransaction: boolean;
}

/**
 * Whether the client is connected through a pooler, which reports a process that it made up, since it answers cancel
 * requests itself. @param process The server process that answers.
 */
export function isPooled(client: Client, process: number): boolean {
  return (client as unknown as { processID: number | null }).processID !== process;
}

/**
 * Which pooler it is. One that pools by transaction releases the server connection at the end of a transaction, so that a
 * second client is then seen on it.
 * @param other Another connection to the same address, outside a transaction; it is left so.
 */
export async function describePooler(client: Client, other: Client): Promise<Pooler> {
  // Most poolers hand out first what was released last: no other query may come between this one and the next.
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

/** By the host names of hosted poolers, and by PgBouncer's default port. */
function nameOf({ host, port }: Client): string {
  if (/-pooler\./.test(host)) return "Neon's pooler";
  if (/\.pooler\.supabase\.com$/.test(host)) return 'Supavisor';
  if (/\.proxy-[^.]+\..*\.rds\.amazonaws\.com$/.test(host)) return 'RDS Proxy';
  return port === 6432 ? 'PgBouncer' : 'a pooler such as PgBouncer';
}
