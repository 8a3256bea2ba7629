import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { Cancelled, describeError, type Exec, Fault, lastLines, UserError } from '@slipway/kernel';
import { connectionEnvironment } from '../connection/libpq.ts';
import type { ConnectedTo } from '../connection/session.ts';

export interface BackupOptions {
  /** pg_dump of the server's own major version. */
  pgDump: string;
  url: string;
  connectedTo: ConnectedTo;
  /** Absolute path. */
  folder: string;
  exec: Exec;
  /** Goes into the manifest. */
  facts: {
    /** Versions of the server and of pg_dump. */
    server: string;
    client: string;
    schemaVersion: string | null;
    release: string;
    commit: string;
    at: Date;
  };
}

export interface Backup {
  /** Absolute paths. */
  file: string;
  manifest: string;
  sha256: string;
  bytes: number;
}

/**
 * Dumps the database into one file and writes a manifest with its sha256 beside it, last: a dump without a manifest
 * is none. What a killed run of the same database left behind is cleared away first; the run lock keeps others away.
 * @throws UserError when the folder cannot be used; Fault when there is no complete dump at the end, and then no file
 * is left; Cancelled.
 */
export async function backUp(options: BackupOptions): Promise<Backup> {
  const { folder, facts } = options;
  const database = databaseId(options.connectedTo);
  await prepareFolder(folder, `.${database}.dump.partial`);
  const moment = facts.at.toISOString().replace(/[-:.]/g, '');
  const name = `${facts.release.replace(/[^\w.-]/g, '_')}-${moment}.${database}.dump`;
  const file = path.join(folder, name);
  const [partial, manifest] = [`${file}.partial`, `${file}.manifest.json`];
  const made = [partial];
  try {
    await dump(options, partial);
    const sealed = await seal(partial);
    // Unlike a rename, a link never replaces a backup that is there.
    await link(partial, file);
    made.push(file);
    await rm(partial);
    await writeManifest(manifest, options, { file: name, ...sealed });
    return { file, manifest, ...sealed };
  } catch (error) {
    await Promise.all(made.map((one) => rm(one, { force: true })));
    if (error instanceof Fault || error instanceof UserError || error instanceof Cancelled) throw error;
    throw failed(describeError(error), error);
  }
}

/** Tells the databases apart whose backups share a folder: host, port and name, never user or password. */
function databaseId({ host, port, database }: ConnectedTo): string {
  return createHash('sha256').update(`${host}:${port}/${database}`).digest('hex').slice(0, 8);
}

function failed(reason: string, cause?: unknown): Fault {
  const full = /no space left|ENOSPC|disk quota|EDQUOT/i.test(reason);
  return new Fault(`the backup failed, and nothing was changed: ${reason}`, {
    cause,
    hint: full
      ? 'Free space in the backup folder, or set database.backup.to to another folder.'
      : 'Mend the cause and run this again; without a backup no migration runs.',
  });
}

async function prepareFolder(folder: string, leftover: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = (await readdir(folder)).filter((name) => name.endsWith(leftover));
    await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
  } catch (cause) {
    throw new UserError(`the backup folder ${folder} cannot be used: ${describeError(cause)}`, {
      cause,
      hint: 'Set database.backup.to to a folder that this user can write. Nothing was changed.',
    });
  }
}

async function dump(options: BackupOptions, partial: string): Promise<void> {
  // Made before pg_dump opens it, so that nobody else can read it at any time.
  await (await open(partial, 'wx', 0o600)).close();
  const done = await options.exec({
    argv: [
      options.pgDump,
      '--format=custom',
      '--no-password',
      '--lock-wait-timeout=10s',
      `--file=${partial}`,
    ],
    env: connectionEnvironment(options.connectedTo, options.url),
  });
  if (done.code === 0) return;
  const how = done.code === null ? 'was ended by a signal' : `exited ${done.code}`;
  throw failed(`pg_dump ${how}: ${lastLines(done, 3) || 'without a word'}`);
}

/** Makes the dump durable and computes what proves it. An empty file is no backup. */
async function seal(partial: string): Promise<{ sha256: string; bytes: number }> {
  const handle = await open(partial, 'r+');
  await handle.sync().finally(() => handle.close());
  const { size } = await stat(partial);
  if (size === 0) throw failed('pg_dump wrote an empty file');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  return { sha256: hash.digest('hex'), bytes: size };
}

async function writeManifest(
  manifest: string,
  { connectedTo, facts, folder }: BackupOptions,
  dumped: { file: string; sha256: string; bytes: number },
): Promise<void> {
  const { at, ...rest } = facts;
  const content = {
    schema: 1,
    ...dumped,
    database: connectedTo.database,
    ...rest,
    createdAt: at.toISOString(),
  };
  const handle = await open(manifest, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // The names have to survive a crash of the machine as well as the bytes.
  const names = await open(folder, 'r');
  await names.sync().finally(() => names.close());
}
