import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { describeError, UserError } from '@slipway/kernel';
import { contentProblems, sqlText } from '../sql/problems.ts';

/** One numbered SQL file. */
export interface Migration {
  /** The digits at the start of its name, as written: `002`. */
  version: string;
  /** Path as the user knows it. */
  file: string;
  sql: string;
  /** Of the file with LF line ends. */
  sha256: string;
  /** `contract`, by the comment `-- slipway: contract`: the version before cannot run on the schema any more. */
  class: 'expand' | 'contract';
}

const named = /^(\d+)_[^/]*\.sql$/;
const undoing = /\.(?:down|rollback|undo)\.sql$/;
const contractMarker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;

/**
 * Reads the migrations of a folder, lowest number first; down files are left out.
 * @param folder Path relative to `workspace`.
 * @throws UserError with everything that is wrong with the files, before anything runs.
 */
export async function readMigrations(workspace: string, folder: string): Promise<Migration[]> {
  const names = await readdir(path.join(workspace, folder)).catch((cause) => {
    throw new UserError(`there is no folder ${folder} for the migrations`, {
      cause,
      hint: 'Set database.migrations.dir.',
    });
  });
  const wanted = names.filter((name) => name.endsWith('.sql') && !undoing.test(name));
  const files = await Promise.all(
    wanted.map(async (name) => ({
      file: path.posix.join(folder, name),
      content: await readFile(path.join(workspace, folder, name)).catch((cause) => {
        throw new UserError(`${path.posix.join(folder, name)} cannot be read: ${describeError(cause)}`, {
          cause,
        });
      }),
    })),
  );
  if (files.length === 0) {
    throw new UserError(`the folder ${folder} holds no migrations`, {
      hint: 'Number the first one, as in 001_first.sql, or leave the "database" section out.',
    });
  }
  return parseMigrations(files);
}

/** The pure part: names and bytes to migrations. */
export function parseMigrations(files: readonly { file: string; content: Buffer }[]): Migration[] {
  const problems: string[] = [];
  const migrations: Migration[] = [];
  for (const { file, content } of files) {
    const version = named.exec(path.posix.basename(file))?.[1];
    if (version === undefined) {
      problems.push(`${file}: the name does not begin with a number and "_", as in 003_add_language.sql`);
      continue;
    }
    problems.push(...contentProblems(file, content));
    const sql = sqlText(content);
    migrations.push({
      version,
      file,
      sql,
      sha256: checksum(content),
      class: contractMarker.test(sql) ? 'contract' : 'expand',
    });
  }
  problems.push(...numberProblems(migrations));
  if (problems.length > 0) {
    throw new UserError(`the migrations cannot be run:\n${problems.join('\n')}`, {
      hint: 'Nothing was changed.',
    });
  }
  return migrations.sort((a, b) => compareVersions(a.version, b.version));
}

/** sha256 of the file with LF line ends, so that a checkout on Windows is the same migration. */
function checksum(content: Buffer): string {
  const plain = content.includes('\r\n') ? content.toString('latin1').replaceAll('\r\n', '\n') : undefined;
  const bytes = plain === undefined ? content : Buffer.from(plain, 'latin1');
  return createHash('sha256').update(bytes).digest('hex');
}

/** Numeric, for numbers of any length. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [BigInt(a), BigInt(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function numberProblems(migrations: readonly Migration[]): string[] {
  const problems: string[] = [];
  const byNumber = new Map<string, Migration>();
  for (const migration of migrations) {
    const number = BigInt(migration.version).toString();
    const twin = byNumber.get(number);
    if (twin) problems.push(`${migration.file}: ${twin.file} has the same number`);
    byNumber.set(number, migration);
  }
  const widths = new Map(migrations.map((migration) => [migration.version.length, migration.file]));
  if (widths.size > 1) {
    // ORDER BY version on text, which everybody uses to ask for the newest, would lie.
    problems.push(
      `${[...widths.values()].join(', ')}: the numbers have different lengths; pad them with zeros to the same one`,
    );
  }
  return problems;
}
