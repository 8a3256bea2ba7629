import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { Client } from 'pg';
import { inTemporaryFolder, startDaemon } from './daemon.ts';
import { onFreePort } from './port.ts';
import { asServerUser, type Role, serverUserIds } from './postgres.ts';
import { findProgram, isRoot } from './program.ts';

export interface PgBouncerOptions {
  /** The server that it connects to. */
  server: { host: string; port: number };
  /** Who may log in, on both sides. */
  role: Role;
  mode: 'session' | 'transaction';
}

export interface PgBouncer {
  port: number;
  /** Connection string of a database of the server, through the pooler. */
  url(database: string): string;
  stop(): Promise<void>;
}

/**
 * A PgBouncer before a PostgreSQL, one pool for each database.
 * @throws UserError when it is not installed.
 */
export async function startPgBouncer({ server, role, mode }: PgBouncerOptions): Promise<PgBouncer> {
  const program = findProgram('pgbouncer');
  if (!program) throw new UserError('no PgBouncer found', { hint: "Call provision(['pgbouncer']) first." });
  return onFreePort((port) =>
    inTemporaryFolder('pgbouncer', async (folder) => {
      const files = { config: join(folder, 'pgbouncer.ini'), users: join(folder, 'users.txt') };
      const quoted = [role.user, role.password].map((text) => `"${text.replaceAll('"', '""')}"`);
      await writeFile(files.users, `${quoted.join(' ')}\n`, { mode: 0o600 });
      await writeFile(files.config, settings({ server, mode, port, users: files.users }));
      if (isRoot()) {
        const [uid, gid] = await serverUserIds();
        for (const path of [folder, ...Object.values(files)]) await chown(path, uid, gid);
      }
      const login = `${encodeURIComponent(role.user)}:${encodeURIComponent(role.password)}`;
      const url = (database: string): string =>
        `postgresql://${login}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
      const { stop } = await startDaemon({
        name: 'pgbouncer',
        argv: asServerUser(program, files.config),
        folder,
        stopSignal: 'INT',
        ready: () => answers(url('pgbouncer')),
      });
      return { port, url, stop };
    }),
  );
}

function settings(of: Pick<PgBouncerOptions, 'server' | 'mode'> & { port: number; users: string }): string {
  return `[databases]
* = host=${of.server.host} port=${of.server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${of.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${of.users}
pool_mode = ${of.mode}
default_pool_size = 10
ignore_startup_parameters = extra_float_digits
`;
}

/** Its console refuses this user, in its own words: it listens and has read its users. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    return /not allowed|admin/i.test((error as Error).message);
  } finally {
    await client.end().catch(() => {});
  }
}
