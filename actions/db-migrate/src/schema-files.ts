import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import type { SchemaFile } from '@slipway/migrations';
import { contentProblems, sqlText, unwrapTransaction } from '@slipway/sql';

/** The idempotent files that run before the migrations. @throws UserError with everything that is wrong with them. */
export function readSchemaFiles(workspace: string, files: readonly string[]): SchemaFile[] {
  const problems: string[] = [];
  const read: SchemaFile[] = [];
  for (const file of files) {
    const content = contentOf(path.join(workspace, file));
    if (content === null) problems.push(`${file}: the file does not exist or cannot be read`);
    else {
      problems.push(...contentProblems(file, content));
      read.push({ file, sql: unwrapTransaction(sqlText(content)) });
    }
  }
  if (problems.length === 0) return read;
  throw new UserError(`the schema files cannot be run:\n${problems.join('\n')}`, {
    hint: 'Nothing was changed. See database.schemas.',
  });
}

function contentOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
