import type { ProgramsConfig } from '@slipway/config';
import { type Exec, UserError } from '@slipway/kernel';
import { coerce, gte } from 'semver';
import {
  type CatalogueEntry,
  type CommandPrefix,
  catalogue,
  type PostgresProgram,
  type ProgramName,
  postgresPaths,
} from './catalogue.ts';
import { type InstallOptions, installPinned, type Pin } from './install.ts';

export interface FindOptions extends InstallOptions {
  /** `programs` of the configuration: what is pinned is installed, the rest is found. */
  programs: ProgramsConfig;
  exec: Exec;
}

export interface FoundProgram {
  /** `['docker', 'compose']`, or the absolute path of a pinned program. Append the arguments to it. */
  command: CommandPrefix;
  version: string;
}

export type Needed = keyof typeof catalogue;

/**
 * Finds the programs an action is about to run and checks their versions; nothing else of Slipway looks for programs.
 * A pinned plug-in (Compose, buildx) is called by its own path, which both support, so that nobody's folder of
 * plug-ins is changed.
 * @throws UserError that names every program that is missing or too old and how to get it; Fault when a pinned one
 * cannot be had.
 */
export async function findPrograms<Name extends Needed>(
  needs: readonly Name[],
  options: FindOptions,
): Promise<Record<Name, FoundProgram>> {
  const docker = options.programs.docker && (await installPinned('docker', options.programs.docker, options));
  const found: [Name, FoundProgram][] = [];
  const problems: string[] = [];
  for (const name of needs) {
    const program = await findOne(name, docker ?? 'docker', options);
    if (typeof program === 'string') problems.push(program);
    else found.push([name, program]);
  }
  if (problems.length > 0) throw missing(problems, needs);
  return Object.fromEntries(found) as Record<Name, FoundProgram>;
}

/** Finds the programs that a platform needs, as findPrograms does, and returns how each is called. */
export function programFinder(
  context: Omit<FindOptions, 'programs'> & { config: Pick<FindOptions, 'programs'> },
): <Name extends Needed>(names: readonly Name[]) => Promise<Record<Name, CommandPrefix>> {
  const options = { ...context, programs: context.config.programs };
  return async (names) => commandsOf(await findPrograms(names, options));
}

function commandsOf<Name extends string>(found: Record<Name, FoundProgram>): Record<Name, CommandPrefix> {
  const commands = Object.entries<FoundProgram>(found).map(([name, { command }]) => [name, command]);
  return Object.fromEntries(commands) as Record<Name, CommandPrefix>;
}

/** How a program is asked for its version. */
type VersionOutput = Pick<CatalogueEntry, 'version' | 'reads'>;

/** The program, or a sentence why there is none. */
async function findOne(name: Needed, docker: string, options: FindOptions): Promise<FoundProgram | string> {
  const entry = catalogue[name];
  const pin = options.programs[name];
  if (pin) return pinned(name, pin, entry, options);
  let tooOld = '';
  for (const way of entry.ways) {
    const [program, ...rest] = way;
    const command: CommandPrefix = [program === 'docker' ? docker : program, ...rest];
    const version = await versionOf(command, entry, options.exec);
    if (!version) continue;
    if (gte(version, entry.minimum)) return { command, version };
    tooOld ||= `${entry.title} ${version} is too old: at least ${entry.minimum} is needed. ${entry.remedy}`;
  }
  return tooOld || `${entry.title} was not found: at least ${entry.minimum} is needed. ${entry.remedy}`;
}

async function pinned(
  name: ProgramName,
  pin: Pin,
  entry: VersionOutput,
  options: FindOptions,
): Promise<FoundProgram> {
  const path = await installPinned(name, pin, options);
  const version = await versionOf([path], entry, options.exec);
  if (version && version === coerce(pin.version)?.version) return { command: [path], version };
  throw new UserError(
    version
      ? `programs.${name} is pinned to ${pin.version}, but ${pin.url} is version ${version}`
      : `the pinned ${name} does not run on this machine: ${pin.url} must be built for ${process.platform}-${process.arch}`,
  );
}

/** Undefined when the program is not there or does not run. */
async function versionOf(
  command: CommandPrefix,
  { version: args, reads }: VersionOutput,
  exec: Exec,
): Promise<string | undefined> {
  try {
    const result = await exec({ argv: [...command, ...args] as [string, ...string[]], timeoutMs: 20_000 });
    const output = reads ? reads.exec(result.stdout.data)?.[0] : result.stdout.data;
    return result.ok ? coerce(output)?.version : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function missing(problems: readonly string[], needs: readonly string[]): UserError {
  return new UserError(problems.join('\n'), {
    hint: `Or pin ${needs.join(', ')} under "programs" in the configuration (version, url, sha256) to have them installed.`,
  });
}

/**
 * A client of exactly this major version of PostgreSQL: an older pg_dump refuses a newer server, a newer one writes
 * settings that the server cannot restore.
 * @throws UserError that names what was found instead.
 */
export async function findPostgresProgram(
  program: PostgresProgram,
  major: number,
  options: FindOptions,
): Promise<FoundProgram> {
  const pin = program === 'pg_dump' ? options.programs.pg_dump : undefined;
  const seen: string[] = [];
  const candidates = pin ? [await pinned('pg_dump', pin, { version: ['--version'] }, options)] : [];
  for (const location of pin ? [] : postgresPaths(program, major)) {
    if (location === program && (await isWrapper(program, options.exec))) continue;
    const version = await versionOf([location], { version: ['--version'] }, options.exec);
    if (version) candidates.push({ command: [location], version });
  }
  for (const candidate of candidates) {
    if (Number(candidate.version.split('.')[0]) === major) return candidate;
    seen.push(`${candidate.command[0]} is ${candidate.version}`);
  }
  throw new UserError(
    `${program} ${major} was not found, which the server's version ${major} needs${seen.length > 0 ? ` (${seen.join(', ')})` : ''}`,
    {
      hint: `Install the package postgresql-client-${major} on the runner${program === 'pg_dump' ? ', or pin pg_dump under "programs" in the configuration' : ''}.`,
    },
  );
}

/**
 * Debian's programs on PATH are a script that chooses a version at every call: by the clusters of this machine, not by
 * the server that is asked.
 */
async function isWrapper(program: PostgresProgram, exec: Exec): Promise<boolean> {
  const script = 'PATH="$PATH:/usr/bin:/bin" readlink -f -- "$(command -v "$1")"';
  const found = await exec({ argv: ['/bin/sh', '-c', script, 'sh', program], timeoutMs: 20_000 });
  return /\/pg_wrapper\s*$/.test(found.stdout.data);
}
