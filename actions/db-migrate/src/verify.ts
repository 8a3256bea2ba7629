import { readVersions, verifyVersions } from '@slipway/database';
import { Fault } from '@slipway/kernel';
import type { MigrationRun } from './migration.ts';

/**
 * Asks the database for its version, and proves that the table holds exactly the files' versions.
 * @param broken A file failed: what is there is only reported, not proven.
 * @throws Fault when the two differ although every file was applied.
 */
export async function verify(run: MigrationRun, broken: boolean): Promise<{ version: string | null }> {
  const rows = (await readVersions(run.session.observer)) ?? [];
  const version =
    rows
      .map((row) => row.version)
      .sort()
      .at(-1) ?? null;
  if (broken) return { version };
  const differences = verifyVersions(run.files, rows);
  if (differences.length === 0) return { version };
  throw new Fault(
    `the migrations ran, but the version table is not what the files say: ${differences.join('; ')}`,
    {
      hint: 'Something else changed schema_migrations meanwhile. Compare it with the files before you go on.',
    },
  );
}
