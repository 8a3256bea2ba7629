import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './program.ts';

/** Debian keeps each major version's programs in its own folder, which is on nobody's PATH. */
const debianFolder = '/usr/lib/postgresql';

/** The folder of the newest PostgreSQL that has the server as well as `pg_dump`; undefined when there is none. */
export function findPostgresPrograms(): string | undefined {
  const majors = existsSync(debianFolder) ? readdirSync(debianFolder).map(Number).filter(Boolean) : [];
  const folders = majors.sort((a, b) => b - a).map((major) => join(debianFolder, String(major), 'bin'));
  const onPath = findProgram('initdb');
  if (onPath) folders.push(dirname(onPath));
  return folders.find(hasPostgres);
}

/** Whether a folder has the server as well as the clients. */
export function hasPostgres(folder: string): boolean {
  return ['postgres', 'initdb', 'pg_dump', 'psql'].every((program) => existsSync(join(folder, program)));
}
