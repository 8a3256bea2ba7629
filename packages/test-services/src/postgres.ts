import { randomBytes } from 'node:crypto';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { inTemporaryFolder, startDaemon } from './daemon.ts';
import { onFreePort } from './port.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { execOrThrow, isRoot } from './program.ts';

/** A login of the database server. */
export interface Role {
  user: string;
  password: string;
}

export interface PostgresOptions {
  /** Further addresses of this machine to listen on, such as the engine's gateway for containers. */
  listen?: string[];
  /** Folder of the server's programs. Default: those of the newest version that is installed. */
  binDir?: string;
  /** Further settings of the server, such as `{ archive_mode: 'on' }`. */
  settings?: Record<string, string>;
  /** A standby of nothing: it answers questions and takes no changes. */
  standby?: true;
}

export interface Postgres {
  host: string;
  port: number;
  /** Holds `pg_dump`, `pg_restore` and `psql` of the server's own version. */
  binDir: string;
  /** Connection string via 127.0.0.1; as the superuser when no role is given. */
  url(database: string, role?: Role): string;
  /** The same through another of the addresses it listens on. */
  urlVia(host: string, database: string, role?: Role): string;
  /** Creates a database and, when it is not there yet, the role that owns it. */
  createDatabase(name: string, owner?: Role): Promise<void>;
  /** Lets a role make databases, as a restore for proof needs it. */
  allowCreateDatabase(user: string): Promise<void>;
  stop(): Promise<void>;
}

/** Data that nobody needs after the test: no waiting for the disk, little memory. */
const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '100', shared_buffers: '64MB' };

/**
 * An empty PostgreSQL of the newest version installed, with password logins only.
 * @throws UserError when it is not installed.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const binDir = options.binDir ?? findPostgresPrograms();
  if (!binDir) throw new UserError('no PostgreSQL found', { hint: "Call provision(['postgres']) first." });
  return onFreePort((port) =>
    inTemporaryFolder('postgres', async (folder) => {
      const superuser: Role = { user: 'postgres', password: randomBytes(16).toString('hex') };
      const data = await createCluster(binDir, folder, superuser);
      if (options.standby) await writeFile(join(data, 'standby.signal'), '');
      const addresses = [...new Set(['127.0.0.1', ...(options.listen ?? [])])];
      const server = describe(binDir, port, superuser);
      const { stop } = await startDaemon({
        name: 'postgres',
        argv: asServerUser(
          `${binDir}/postgres`,
          '-D',
          data,
          ...flags(folder, port, addresses, options.settings),
        ),
        folder,
        stopSignal: 'INT',
        ready: async () => {
          for (const host of addresses) await query(server.urlVia(host, 'postgres'), 'select 1');
          return true;
        },
      });
      return { ...server, stop };
    }),
  );
}

async function createCluster(binDir: string, folder: string, superuser: Role): Promise<string> {
  const passwordFile = join(folder, 'password');
  const data = join(folder, 'data');
  await writeFile(passwordFile, superuser.password, { mode: 0o600 });
  if (isRoot()) {
    const [uid, gid] = await serverUserIds();
    for (const path of [folder, passwordFile]) await chown(path, uid, gid);
  }
  const login = ['-A', 'scram-sha-256', '-U', superuser.user, `--pwfile=${passwordFile}`];
  const shape = ['-D', data, '-E', 'UTF8', '--locale=C', '--no-sync'];
  await execOrThrow('create a PostgreSQL cluster', asServerUser(`${binDir}/initdb`, ...shape, ...login), {
    cwd: folder,
  });
  await rm(passwordFile);
  // samenet is every network that an interface of this machine is part of, the engine's bridges to come included.
  const who = 'local all all scram-sha-256\nhost all all samenet scram-sha-256\n';
  await writeFile(join(data, 'pg_hba.conf'), who);
  return data;
}

/** PostgreSQL refuses to run as root; setpriv becomes the other user without staying in between. */
export function asServerUser(program: string, ...args: string[]): [string, ...string[]] {
  if (!isRoot()) return [program, ...args];
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', program, ...args];
}

/** Who the server runs as when we are root. */
export async function serverUserIds(): Promise<[uid: number, gid: number]> {
  const id = async (flag: string) =>
    Number(await execOrThrow('find the user postgres', ['id', flag, 'postgres']));
  return [await id('-u'), await id('-g')];
}

function flags(
  folder: string,
  port: number,
  addresses: string[],
  more: Record<string, string> = {},
): string[] {
  const all = {
    ...settings,
    ...more,
    port: String(port),
    listen_addresses: addresses.join(','),
    unix_socket_directories: folder,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function describe(binDir: string, port: number, superuser: Role): Omit<Postgres, 'stop'> {
  const urlVia = (host: string, database: string, role: Role = superuser) =>
    `postgresql://${encodeURIComponent(role.user)}:${encodeURIComponent(role.password)}` +
    `@${host}:${port}/${encodeURIComponent(database)}`;
  const url = (database: string, role?: Role) => urlVia('127.0.0.1', database, role);
  return {
    host: '127.0.0.1',
    port,
    binDir,
    url,
    urlVia,
    createDatabase: (name, owner) => createDatabase(url('postgres'), name, owner),
    allowCreateDatabase: (user) => query(url('postgres'), `alter role ${escapeIdentifier(user)} createdb`),
  };
}

async function createDatabase(url: string, name: string, owner?: Role): Promise<void> {
  const database = `create database ${escapeIdentifier(name)}`;
  if (!owner) return query(url, database);
  const user = escapeIdentifier(owner.user);
  const duplicate = '42710';
  await query(url, `create role ${user} login password ${escapeLiteral(owner.password)}`).catch((error) => {
    if (error.code !== duplicate) throw error;
  });
  await query(url, `${database} owner ${user}`);
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // an idle connection that drops is reported again by the query
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}
