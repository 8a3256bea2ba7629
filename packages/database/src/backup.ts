import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describeError, type Exec, Fault, lastLines } from '@slipway/kernel';

export interface BackupOptions {
  /** pg_dump of the server's own major version. */
  pgDump: string;
  url: string;
  /** Absolute folder. */
  folder: string;
  exec: Exec;
  /** Goes into the manifest. */
  facts: {
    server: string;
    client: string;
    schemaVersion: string | null;
    release: string;
    commit: string;
    at: Date;
  };
}

export interface Backup {
  file: string;
  manifest: string;
  sha256: string;
  bytes: number;
}

/**
 * Dumps the database into one file and writes a manifest with its sha256 beside it, last: a dump without a manifest
 * is not one. Leftovers of a run that was killed are cleared away first.
 * @throws Fault when there is no complete dump at the end; then no file is left either.
 */
export async function backUp(options: BackupOptions): Promise<Backup> {
  const { folder, facts } = options;
  await prepareFolder(folder);
  const stampText = facts.at.toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${facts.release.replace(/[^\w.-]/g, '_')}-${stampText}.dump`;
  const [partial, file, manifest] = [`${name}.partial`, name, `${name}.manifest.json`].map((one) =>
    path.join(folder, one),
  ) as [string, string, string];
  try {
    await dump(options, partial);
    const { sha256, bytes } = await seal(partial);
    await rename(partial, file);
    await writeManifest(manifest, options, { file: name, sha256, bytes });
    return { file, manifest, sha256, bytes };
  } catch (error) {
    await Promise.all([partial, file, manifest].map((one) => rm(one, { force: true })));
    throw error;
  }
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = (await readdir(folder)).filter((name) => name.endsWith('.dump.partial'));
    await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
  } catch (cause) {
    throw new Fault(`the backup folder ${folder} cannot be used: ${describeError(cause)}`, {
      cause,
      hint: 'Set database.backup.to to a folder that this user can write. Nothing was changed.',
    });
  }
}

async function dump({ pgDump, url, exec }: BackupOptions, partial: string): Promise<void> {
  await (await open(partial, 'wx', 0o600)).close();
  const done = await exec({
    argv: [pgDump, '--format=custom', '--no-password', '--lock-wait-timeout=10s', '--file', partial],
    env: connectionEnvironment(url),
  });
  if (done.code === 0) return;
  const full = /no space left/i.test(done.stderr);
  throw new Fault(
    `the backup failed, nothing was changed: pg_dump exited ${done.code ?? 'by a signal'}: ${lastLines(done, 2) || 'without a word'}`,
    {
      hint: full
        ? 'Free space in the backup folder, or set database.backup.to to another.'
        : 'Mend the cause and run this again.',
    },
  );
}

/** Makes the dump durable and computes what proves it. An empty file is no backup. */
async function seal(partial: string): Promise<{ sha256: string; bytes: number }> {
  const handle = await open(partial, 'r+');
  await handle.sync().finally(() => handle.close());
  const { size } = await stat(partial);
  if (size === 0) throw new Fault('the backup failed, nothing was changed: pg_dump wrote an empty file');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  return { sha256: hash.digest('hex'), bytes: size };
}

async function writeManifest(
  manifest: string,
  { url, facts }: BackupOptions,
  dumped: { file: string; sha256: string; bytes: number },
): Promise<void> {
  const { at, ...rest } = facts;
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  const content = { schema: 1, ...dumped, database, ...rest, createdAt: at.toISOString() };
  await writeFile(manifest, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
}

/** How libpq programs get a connection without a word of it in their arguments. */
export function connectionEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const values = {
    PGHOST: searchParams.get('host') ?? hostname.replace(/^\[|\]$/g, ''),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get('sslmode') ?? '',
    PGAPPNAME: 'slipway backup',
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
