import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { contentProblems } from '@slipway/database';
import { UserError } from '@slipway/kernel';

export interface SchemaFile {
  file: string;
  sql: string;
}

/** The idempotent files that run before the migrations. @throws UserError with everything that is wrong with them. */
export async function readSchemaFiles(workspace: string, files: readonly string[]): Promise<SchemaFile[]> {
  const problems: string[] = [];
  const read: SchemaFile[] = [];
  for (const file of files) {
    const content = await readFile(path.join(workspace, file)).catch(() => null);
    if (content === null) problems.push(`${file}: there is no such file`);
    else {
      problems.push(...contentProblems(file, content));
      read.push({ file, sql: content.toString('utf8') });
    }
  }
  if (problems.length === 0) return read;
  throw new UserError(`the schema files cannot be run:\n${problems.join('\n')}`, {
    hint: 'Nothing was changed. See database.schemas.',
  });
}
