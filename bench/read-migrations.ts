import { rmSync } from 'node:fs';
import { readMigrationFolder } from '@slipway/migrations';
import { workspaceWith } from '../test/support/migration-folder.ts';
import { median, table } from './measure.ts';

/** Finding the format of a folder of 5,000 migrations, and reading all of them. */
export async function readMigrations(): Promise<void> {
  const files = Array.from({ length: 5000 }, (_, n) => [
    `${String(n).padStart(6, '0')}_t.up.sql`,
    `BEGIN;\nCREATE TABLE t${n} (id int, name text);\nCOMMIT;\n`,
  ]);
  const workspace = workspaceWith(Object.fromEntries(files));
  const times: number[] = [];
  for (let run = 0; run < 7; run++) {
    const start = performance.now();
    await readMigrationFolder(workspace, 'migrations');
    times.push(performance.now() - start);
  }
  rmSync(workspace, { recursive: true });
  const row = [median(times).toFixed(0), Math.max(...times).toFixed(0)];
  console.log(table(['median ms', 'slowest ms'], [row]));
}
