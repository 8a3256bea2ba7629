import { type Exec, expectSuccess } from '@slipway/kernel';
import type { Backup } from './options.ts';

/**
 * Runs the user's command that creates a snapshot, such as `aws rds create-db-snapshot` followed by a wait. It must exit
 * with 0 only when the snapshot is complete. It runs without a shell.
 * @returns the snapshot as a backup without a file: the last line that the command wrote, else the name that it was given.
 * @throws Fault when it did not exit with 0; Cancelled.
 */
export async function runSnapshotCommand(
  command: readonly string[],
  release: string,
  exec: Exec,
): Promise<Backup> {
  const name = `slipway-${release}`.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 63);
  const argv = command.map((word) => word.replaceAll('{name}', name)) as [string, ...string[]];
  const said = expectSuccess(
    await exec({ argv }),
    'make the snapshot',
    'See database.backup.snapshot-command. Nothing was changed.',
  );
  const last = said.data.trim().split('\n').at(-1)?.trim();
  return { file: `snapshot ${last || name}`, manifest: '', sha256: '', bytes: 0 };
}
