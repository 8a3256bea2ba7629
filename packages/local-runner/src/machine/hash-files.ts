import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';

/** `hashFiles`: SHA-256 over the SHA-256 of every file that fits, in the order of their names; empty when none does. */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const wanted = patterns
    .flatMap((pattern) => pattern.split('\n'))
    .filter((pattern) => pattern.trim() !== '');
  const found = new Set<string>();
  for (const pattern of wanted.map((one) => one.trim())) {
    const negative = pattern.startsWith('!');
    for (const file of globSync(negative ? pattern.slice(1) : pattern, { cwd: workspace })) {
      if (negative) found.delete(file);
      else found.add(file);
    }
  }
  const files = [...found].sort().filter((file) => statSync(path.join(workspace, file)).isFile());
  if (files.length === 0) return '';
  const all = createHash('sha256');
  for (const file of files)
    all.update(
      createHash('sha256')
        .update(readFileSync(path.join(workspace, file)))
        .digest(),
    );
  return all.digest('hex');
}
