import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { contentProblems, sqlText } from '@slipway/sql';
import type { AssertionFile } from './assertions.ts';

/**
 * The users' assertions: files, or folders whose `.sql` files count, in the order of their names.
 * @param paths Relative to `workspace`. @throws UserError with everything that is wrong with them.
 */
export function readAssertionFiles(workspace: string, paths: readonly string[]): AssertionFile[] {
  const problems: string[] = [];
  const files: AssertionFile[] = [];
  for (const file of paths.flatMap((one) => expand(workspace, one, problems))) {
    const content = readFileSync(path.join(workspace, file));
    problems.push(...contentProblems(file, content));
    files.push({ file, sql: sqlText(content) });
  }
  if (problems.length === 0) return files;
  throw new UserError(`the assertions cannot be run:\n${problems.join('\n')}`, {
    hint: 'See database.verify.assertions.',
  });
}

function expand(workspace: string, named: string, problems: string[]): string[] {
  const stat = statSync(path.join(workspace, named), { throwIfNoEntry: false });
  if (stat?.isFile()) return [named];
  const names = stat?.isDirectory() ? readdirSync(path.join(workspace, named)) : [];
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  // A folder that is empty or gone asserts nothing, which must not pass for holding.
  if (files.length === 0) problems.push(`${named}: there is no .sql file`);
  return files.map((name) => path.posix.join(named, name));
}
