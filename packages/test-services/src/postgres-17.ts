import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { cached } from './cache.ts';
import { openDebianArchive, trustsDebian } from './debian-archive.ts';
import { hasPostgres } from './postgres-programs.ts';
import { execOrThrow, isDebianLike } from './program.ts';

const bin = 'usr/lib/postgresql/17/bin';
const installed = `/${bin}`;

/**
 * The programs and every library that they load, C's own included. Not LLVM, which is as large as all of these: without
 * it the server does not compile expressions to machine code, which is all that is missed.
 */
const packages = [
  ...['postgresql-17', 'postgresql-client-17', 'libpq5', 'libc6', 'libgcc-s1', 'libstdc++6', 'libicu76'],
  ...['libssl3t64', 'libzstd1', 'liblz4-1', 'zlib1g', 'liblzma5', 'libxml2', 'libldap2', 'libsasl2-2'],
  ...['libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libkeyutils1', 'libcom-err2'],
  ...['libpam0g', 'libaudit1', 'libcap-ng0', 'libcap2', 'libsystemd0', 'libselinux1', 'libpcre2-8-0'],
  ...['libreadline8t64', 'libtinfo6', 'libedit2', 'libbsd0', 'libmd0'],
];

/**
 * The folder with PostgreSQL 17: server, `pg_dump`, `pg_restore`, `psql` and `pg_amcheck`. The system's own where it is
 * installed; else Debian 13's, 39 MB that are downloaded once and stored apart from the system. They run on older and
 * other systems because they bring their own C library and its loader.
 * @throws UserError on a machine that cannot check or unpack Debian's packages; Fault when they cannot be had.
 */
export async function postgres17(say: (line: string) => void): Promise<string> {
  if (hasPostgres(installed)) return installed;
  if (process.platform !== 'linux' || !isDebianLike() || !trustsDebian()) {
    throw new UserError('no PostgreSQL 17 found', { hint: "Call provision(['postgres-17']) first." });
  }
  const cachedFolder = await cached(`postgres-17-debian13-${process.arch}`, async (folder, destination) => {
    say('PostgreSQL 17: not found, downloading that of Debian 13');
    const root = join(folder, 'root');
    await unpack(folder, root);
    await bindToItsLibraries(root, destination);
    return root;
  });
  return join(cachedFolder, bin);
}

/** Whether `postgres17` has what it needs. */
export function mayHavePostgres17(): boolean {
  return hasPostgres(installed) || (isDebianLike() && trustsDebian());
}

async function unpack(folder: string, root: string): Promise<void> {
  const aptGet = await openDebianArchive(folder, 'trixie');
  await aptGet('download PostgreSQL 17', ['download', '-q', ...packages]);
  for (const file of await readdir(folder))
    if (file.endsWith('.deb')) await execOrThrow(`unpack ${file}`, ['dpkg', '-x', join(folder, file), root]);
  // Without LLVM it could only fail; without the file the server knows that it cannot.
  await rm(join(root, 'usr/lib/postgresql/17/lib/llvmjit.so'));
}

/**
 * Puts a script in the place of each program that has the loader of Debian 13 start it. The program gets the path of
 * its script, so that it finds its neighbours, its extensions and its shared files as if it were installed.
 */
async function bindToItsLibraries(root: string, destination: string): Promise<void> {
  const [libraries = ''] = (await readdir(join(root, 'usr/lib'))).filter((name) =>
    name.endsWith('-linux-gnu'),
  );
  const [loader = ''] = (await readdir(join(root, 'usr/lib', libraries))).filter((name) =>
    name.startsWith('ld-linux-'),
  );
  const [from, programs] = [join(destination, 'usr/lib', libraries), 'usr/lib/postgresql/17/programs'];
  await rename(join(root, bin), join(root, programs));
  await mkdir(join(root, bin));
  for (const name of await readdir(join(root, programs))) {
    const start = `exec '${from}/${loader}' --library-path '${from}' --argv0 "$0" '${destination}/${programs}/${name}' "$@"`;
    await writeFile(join(root, bin, name), `#!/bin/sh\n${start}\n`, { mode: 0o755 });
  }
  // The server runs as another user.
  await chmod(root, 0o755);
}
