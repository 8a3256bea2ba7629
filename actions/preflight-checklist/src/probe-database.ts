import { describeError } from '@slipway/kernel';
import pg from 'pg';

export type DatabaseProbe = { ok: true; version: string } | { ok: false; reason: string; hint: string };

/** Stands in until the database package offers the same. */
export async function probeDatabase(
  url: string,
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<DatabaseProbe> {
  const hint = 'Check the host, the credentials and that the runner may reach the database.';
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  client.on('error', () => undefined);
  const stop = (): void =>
    void (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    const { rows } = await client.query("select current_setting('server_version') as version");
    return { ok: true, version: String(rows[0]?.version) };
  } catch (error) {
    return { ok: false, reason: describeError(error), hint };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
