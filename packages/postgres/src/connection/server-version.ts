import type { Client } from 'pg';

export interface ServerVersion {
  /** e.g. 15 */
  major: number;
  /** As the server reports it, e.g. `15.18 (Debian 15.18-0+deb12u1)`. */
  version: string;
}

export async function serverVersion(client: Client): Promise<ServerVersion> {
  const { major, version } = await describeServer(client);
  return { major, version };
}

/** The version, and the server process that answers, which a pooler may hide from the client. */
export async function describeServer(client: Client): Promise<ServerVersion & { process: number }> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version,
       pg_backend_pid() AS process`,
  );
  const { major, version, process } = rows[0] ?? {};
  return { major: Number(major), version: String(version), process: Number(process) };
}
